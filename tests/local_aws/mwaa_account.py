"""An MWAA environment of the embedded AWS, its callers and what they ask of it."""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from cli.run.airflow_api import AirflowApi
from infra.build.dags import dag_entries
from infra.parts.orchestration.airflow import airflow_options
from lakehouse.environments import Environment, names
from lakehouse.project import project_root
from local_aws.bootstrap import session_client
from tests.mwaa_dags.real_airflow import NEWEST

BUCKET = "deployed-dags"
ARN = "arn:aws:airflow:eu-central-1:123456789012:environment/lakehouse-local"


# As the stack writes it: for this environment alone.
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "airflow-env.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnLike": {"aws:SourceArn": ARN}},
        }
    ],
}


RIGHTS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:*", "glue:*", "dynamodb:Query"], "Resource": "*"}],
}


def client(env: Environment, service: str) -> Any:
    assert env.aws.endpoint is not None
    return session_client(env, service, env.aws.endpoint, "testing")


def deploy(env: Environment) -> None:
    s3, iam = client(env, "s3"), client(env, "iam")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": env.region})
    for name, content in dag_entries(project_root()).items():
        body = content if isinstance(content, bytes) else content.read_bytes()
        s3.put_object(Bucket=BUCKET, Key=f"airflow/1/{name}", Body=body)
    for name in (f"requirements-{NEWEST}.txt", "startup.sh"):
        s3.put_object(Bucket=BUCKET, Key=name, Body=Path(project_root(), "mwaa_dags", name).read_bytes())
    role = iam.create_role(RoleName="airflow", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="airflow", PolicyName="own", PolicyDocument=json.dumps(RIGHTS))
    mwaa(env).create_environment(
        Name=names.airflow(env),
        AirflowVersion=NEWEST,
        ExecutionRoleArn=role,
        SourceBucketArn=f"arn:aws:s3:::{BUCKET}",
        DagS3Path="airflow/1",
        RequirementsS3Path=f"requirements-{NEWEST}.txt",
        StartupScriptS3Path="startup.sh",
        AirflowConfigurationOptions=airflow_options(env),
        NetworkConfiguration={"SubnetIds": ["subnet-0a", "subnet-0b"], "SecurityGroupIds": ["sg-1"]},
    )


def mwaa(env: Environment, **keys: str) -> Any:
    config = Config(inject_host_prefix=False)
    keys = keys or {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client("mwaa", env.region, endpoint_url=env.aws.endpoint, config=config, **keys)


def dags(airflow: AirflowApi) -> set[str]:
    """All DAGs, once Airflow has read them."""
    deadline = time.monotonic() + 120
    while not (dags := {dag["dag_id"] for dag in airflow.dags()}) and time.monotonic() < deadline:
        time.sleep(1)
    return dags


def person(env: Environment, name: str, *statements: dict[str, Any]) -> dict[str, str]:
    """The keys of a session of a role with these statements."""
    iam, owner = client(env, "iam"), {"AWS": "arn:aws:iam::123456789012:root"}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": owner}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **s} for s in statements]}
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
    keys = client(env, "sts").assume_role(RoleArn=arn, RoleSessionName="anna")["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


def as_role(env: Environment, name: str, *roles: str) -> Any:
    """A client of MWAA of a person whom IAM lets have these roles of Airflow."""
    resources = [f"{ARN.replace(':environment/', ':role/')}/{role}" for role in roles]
    actions = ["airflow:InvokeRestApi", "airflow:CreateWebLoginToken"]
    return mwaa(env, **person(env, name, {"Action": actions, "Resource": resources}))


def cli(host: str, token: str, command: str) -> tuple[int, str, str]:
    """Status, output and errors, as AWS's guide shows the call."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/plain"}
    request = urllib.request.Request(f"http://{host}/aws_mwaa/cli", command.encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            status, content = answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        status, content = error.code, json.loads(error.read())
    stdout, stderr = (base64.b64decode(content.get(key, "")).decode() for key in ("stdout", "stderr"))
    return status, stdout, stderr
