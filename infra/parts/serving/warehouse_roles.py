"""The roles with which Redshift and Snowflake themselves read and write staged files (UNLOAD, COPY)."""

from __future__ import annotations

from cdktf import TerraformOutput
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy

from infra.constructs.policy import Statements, policy_document
from infra.facts import Facts
from infra.parts.encryption.keys import Keys
from infra.platform_stack import PlatformStack
from lakehouse.environments import names, prefixes
from lakehouse.environments.names import Zone
from lakehouse.pipelines.job_needs import job_needs

REDSHIFT = ["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"]


def warehouse_roles(stack: PlatformStack, keys: Keys) -> None:
    """A role for each warehouse that jobs of the environment exchange files with.

    Each reads and writes the staging folders of these jobs, through S3 with the key of raw rows, and nothing
    else. Its ARN is an output of the stack: people write it into the secret, or into Snowflake's integration.
    """
    env = stack.env
    redshift = _staging(stack.facts, env.redshift.secret) if env.redshift.transfer == "unload" else []
    if redshift:
        # Redshift promises no aws:SourceAccount; who may attach the role to a cluster passes it.
        trust = {"Principal": {"Service": REDSHIFT}, "Action": "sts:AssumeRole"}
        _role(stack, keys, "redshift", {"Redshift": trust}, redshift)
    snowflake = _staging(stack.facts, env.snowflake.secret) if env.snowflake.transfer == "stage" else []
    storage = env.stack.snowflake_storage
    if snowflake and storage:
        trust = {
            "Principal": {"AWS": storage.user_arn},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": storage.external_id}},
        }
        _role(stack, keys, "snowflake", {"Snowflake": trust}, snowflake)


def _staging(facts: Facts, secret: str) -> list[str]:
    """The staging folders of the jobs that use a warehouse, by its secret."""
    jobs = (job for job in facts.jobs if secret in job_needs(job, facts.schemas, facts.env).secrets)
    return [prefixes.staging(job.name) for job in jobs]


def _role(stack: PlatformStack, keys: Keys, name: str, trust: Statements, folders: list[str]) -> None:
    env = stack.env
    role = IamRole(
        stack,
        f"role_{name}",
        name=names.service_role(env, name),
        assume_role_policy=policy_document(trust, Effect="Allow"),
        description=f"{env.project} {env.name}: staged files of {name}",
    )
    bucket = f"arn:aws:s3:::{names.bucket(env, Zone.CHECKPOINTS)}"
    via_s3 = {"StringEquals": {"kms:ViaService": f"s3.{env.region}.amazonaws.com"}}
    statements: Statements = {
        "Files": {
            "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject"],
            "Resource": [f"{bucket}/{folder}/*" for folder in folders],
        },
        "ListFiles": {
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {"StringLike": {"s3:prefix": [f"{folder}/*" for folder in folders]}},
        },
        "Bucket": {"Action": "s3:GetBucketLocation", "Resource": bucket},
        "Key": {
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": keys.raw.arn,
            "Condition": via_s3,
        },
    }
    policy = policy_document(statements, Effect="Allow")
    IamRolePolicy(stack, f"role_policy_{name}", name=name, role=role.id, policy=policy)
    TerraformOutput(
        stack, f"{name}_role", value=role.arn, description=f"The role with which {name} reaches staged files"
    )
