"""A role for each job: it may read exactly the tables and secrets that its row names, and write exactly its own."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import PurePosixPath
from typing import Any

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment

from infra.facts import Facts
from infra.parts.jobs.base_policy import Reach, Statement, document, items_of, through
from infra.parts.jobs.job_access import Prefix, Touched, bucket_arn, touched
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Control, Zone
from lakehouse.pipelines import Job


def job_role(stack: PlatformStack, job: Job, reach: Reach, base: Any) -> tuple[Any, list[Any]]:
    """The role, and what must be attached to it before a run."""
    env = stack.env
    trust = {
        "Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": env.account}},
    }  # fmt: skip
    role = IamRole(
        stack, f"role_job_{job.name}", name=names.job_role(env, job.name),
        assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "Glue", **trust}]}),
        tags={"pipeline": job.pipeline, "owner": job.owner},
    )  # fmt: skip
    policy = json.dumps(job_policy(stack.facts, job, reach), separators=(",", ":"))
    own = IamRolePolicy(stack, f"policy_job_{job.name}", name="job", role=role.id, policy=policy)
    attached = IamRolePolicyAttachment(stack, f"base_job_{job.name}", role=role.name, policy_arn=base.arn)
    return role, [own, attached]


def job_policy(facts: Facts, job: Job, reach: Reach) -> dict[str, Any]:
    """What one job may beside what all may. IAM takes 10,240 characters, blanks not counted."""
    touch = touched(facts, job)
    return document({
        **_files(facts, touch),
        **_keys(facts, touch, reach),
        **_items(facts, touch),
        **_secrets(facts, touch),
        **_register(facts, touch),
        **_databases(facts, touch),
        **_topics(facts, touch),
    })  # fmt: skip


def _files(facts: Facts, touch: Touched) -> dict[str, Statement]:
    def below(prefixes: tuple[Prefix, ...]) -> list[str]:
        return [f"{bucket_arn(facts, p.zone)}/{place}" for p in prefixes for place in _below(p)]

    # Before Hadoop makes a folder it looks whether one above is a file.
    above = sorted(
        {
            (p.zone, str(parent))
            for p in touch.writes
            for parent in PurePosixPath(p.path).parents
            if str(parent) != "."
        }
    )
    probed = [f"{bucket_arn(facts, zone)}/{path}" for zone, path in above]
    listed: dict[Zone, list[str]] = defaultdict(list)
    for prefix in (*touch.reads, *touch.writes):
        listed[prefix.zone] += _below(prefix)
    for zone, path in above:
        listed[zone] += [path, f"{path}/"]
    return {
        "Read": {"Action": "s3:GetObject", "Resource": [*below(touch.reads), *probed]},
        "Write": {
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
            "Resource": below(touch.writes),
        },
        **{f"List{zone.capitalize()}": _list(facts, zone, paths) for zone, paths in listed.items()},
    }


def _below(prefix: Prefix) -> list[str]:
    return [prefix.path, f"{prefix.path}/*"] if prefix.path else ["*"]


def _list(facts: Facts, zone: Zone, paths: list[str]) -> Statement:
    # IfExists: asking for one object that is not there has no prefix, and must be told "not there", not "forbidden".
    condition = {"StringLikeIfExists": {"s3:prefix": sorted(set(paths))}}
    return {"Action": "s3:ListBucket", "Resource": bucket_arn(facts, zone), "Condition": condition}


def _keys(facts: Facts, touch: Touched, reach: Reach) -> dict[str, Statement]:
    written = sorted({reach.key(p.zone) for p in touch.writes})
    only_read = sorted({reach.key(p.zone) for p in touch.reads} - set(written))
    return {
        **({"KeysRead": through(facts, ["kms:Decrypt"], only_read, "s3")} if only_read else {}),
        "KeysWritten": through(facts, ["kms:Decrypt", "kms:GenerateDataKey"], written, "s3"),
        **(
            {"KeyOfSecrets": through(facts, ["kms:Decrypt"], [reach.secrets], "secretsmanager")}
            if touch.secrets
            else {}
        ),
        **(
            {"KeyOfTables": through(facts, ["kms:Encrypt", "kms:GenerateDataKey"], [reach.platform], "glue")}
            if touch.registers
            else {}
        ),
    }


def _items(facts: Facts, touch: Touched) -> dict[str, Statement]:
    """Only its own watermarks and leases."""

    def keyed(control: Control, keys: tuple[str, ...]) -> Statement:
        return {
            **items_of(facts, control),
            "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}},
        }

    leases = {"Leases": keyed(Control.LEASES, touch.leases)} if touch.leases else {}
    return {"Watermarks": keyed(Control.WATERMARKS, touch.watermarks), **leases}


def _secrets(facts: Facts, touch: Touched) -> dict[str, Statement]:
    env = facts.env
    # AWS ends the ARN of a secret with six characters of its own.
    arns = [
        f"arn:aws:secretsmanager:{env.region}:{env.account}:secret:{names.secret(env, name)}-??????"
        for name in touch.secrets
    ]
    return {"Secrets": {"Action": "secretsmanager:GetSecretValue", "Resource": arns}} if arns else {}


def _register(facts: Facts, touch: Touched) -> dict[str, Statement]:
    """A job that registers brings tables up to date; the stack makes them."""
    if not touch.registers:
        return {}
    env = facts.env
    glue = f"arn:aws:glue:{env.region}:{env.account}"
    databases = sorted({f"{glue}:database/{names.database(env, t.split('.')[0])}" for t in touch.registers})
    tables = [
        f"{glue}:table/{names.database(env, t.split('.')[0])}/{t.split('.')[1]}" for t in touch.registers
    ]
    actions = ["glue:GetDatabase", "glue:GetTable", "glue:UpdateTable"]
    return {"Register": {"Action": actions, "Resource": [f"{glue}:catalog", *databases, *tables]}}


def _databases(facts: Facts, touch: Touched) -> dict[str, Statement]:
    """SQL that asks for a database finds it made by the stack; no job makes one."""
    if not touch.databases:
        return {}
    glue = f"arn:aws:glue:{facts.env.region}:{facts.env.account}"
    databases = [f"{glue}:database/{names.database(facts.env, layer)}" for layer in touch.databases]
    return {"Databases": {"Action": "glue:GetDatabase", "Resource": [f"{glue}:catalog", *databases]}}


def _topics(facts: Facts, touch: Touched) -> dict[str, Statement]:
    env = facts.env
    if not touch.topics or not env.stack.msk_serverless:
        return {}
    kafka, cluster = f"arn:aws:kafka:{env.region}:{env.account}", names.stream(env)
    read = ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"]
    return {
        "Brokers": {"Action": ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster"], "Resource": f"{kafka}:cluster/{cluster}/*"},
        "Topics": {"Action": read, "Resource": [f"{kafka}:topic/{cluster}/*/{topic}" for topic in touch.topics]},
        # Spark names a group of its own for each read.
        "ReadersOfSpark": {"Action": ["kafka-cluster:DescribeGroup", "kafka-cluster:AlterGroup"], "Resource": f"{kafka}:group/{cluster}/*/spark-kafka-*"},
    }  # fmt: skip
