"""`lakehouse local rights` compares what roles have used with what their policies grant."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError

from glue_jobs.aws import clients
from lakehouse.environments import Environment
from tests.cli.calls import Call

_TRUST = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
_STATEMENTS = [
    {"Sid": "Lists", "Effect": "Allow", "Action": ["s3:ListAllMyBuckets", "s3:GetObject"], "Resource": "*"},
    {"Sid": "Never", "Effect": "Deny", "Action": "sqs:*", "Resource": "*"},
]


@pytest.fixture
def role(local_env: Environment) -> Iterator[str]:
    """A role that has made one call that it may make, and one that it may not."""
    iam, name = clients(local_env).client("iam"), f"role-{os.urandom(4).hex()}"
    document = {"Version": "2012-10-17", "Statement": _STATEMENTS}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [_TRUST]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="job", PolicyDocument=json.dumps(document))
    sts = clients(local_env).client("sts")
    keys = sts.assume_role(RoleArn=arn, RoleSessionName="run")["Credentials"]
    session = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=local_env.region
    )
    session.client("s3", endpoint_url=local_env.aws.endpoint).list_buckets()
    with pytest.raises(ClientError):
        session.client("sns", endpoint_url=local_env.aws.endpoint).list_topics()
    yield name
    iam.delete_role_policy(RoleName=name, PolicyName="job")
    iam.delete_role(RoleName=name)


def test_used_unused_and_refused_actions_of_a_role_are_shown(role: str, lakehouse: Call) -> None:
    (shown,) = json.loads(lakehouse("local", "rights", "--role", role, "--json").out)
    assert (shown["granted"], shown["used"], shown["unused"]) == (2, 1, {"job/Lists": ["s3:GetObject"]})
    (refusal,) = shown["refused"]
    assert "is not authorized to perform: SNS:ListTopics" in refusal
    text = lakehouse("local", "rights", "--role", role).out
    assert "not used: job/Lists: s3:GetObject" in text
    assert "refused: User: arn:aws:sts::" in text


def test_role_that_has_not_called_is_said(local_env: Environment, lakehouse: Call) -> None:
    answer = lakehouse("local", "rights", "--role", "nobody")
    assert answer.code == 2
    assert "role 'nobody' has not called AWS since the local world is up" in answer.err
