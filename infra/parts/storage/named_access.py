"""Who may touch raw rows: policies of buckets and keys that keep out everybody whom nobody names.

Rights of IAM alone would let any administrator and any backup tool of the account read raw personal data past
Lake Formation. A denial of the bucket and of the key holds for them too.
"""

from __future__ import annotations

from typing import Any

from infra.facts import Facts
from lakehouse.environments import names
from lakehouse.environments.names import Zone

# What a person sent, or what is kept of it.
RAW_ZONES = (Zone.LANDING, Zone.BRONZE, Zone.QUARANTINE, Zone.CHECKPOINTS)
# Beside jobs and replication: the service roles that use a zone, by their short names.
_SERVICES = {Zone.BRONZE: ("data_access",), Zone.CHECKPOINTS: ("redshift", "snowflake")}
_OBJECTS = ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject"]
_KEY_USE = ["kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
_CHANGES = [
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "PartiQLInsert",
    "PartiQLUpdate",
    "PartiQLDelete",
]


def only_named_on_bucket(facts: Facts, zone: Zone, bucket: str, *, replica: bool = False) -> dict[str, Any]:
    """The statement of a raw zone's bucket, by its sid; none for another zone."""
    if zone not in RAW_ZONES:
        return {}
    roles = _named(facts, zone, replica=replica)
    objects = f"arn:aws:s3:::{bucket}/*"
    return {"OnlyNamed": {**_others(facts, roles), "Action": _OBJECTS, "Resource": objects}}


def only_named_on_raw_key(facts: Facts, *, replica: bool = False) -> dict[str, Any]:
    """The statement of the key of raw zones. Key policies can still be changed by the account."""
    roles = sorted({role for zone in RAW_ZONES for role in _named(facts, zone, replica=replica)})
    return {"OnlyNamed": {**_others(facts, roles), "Action": _KEY_USE, "Resource": "*"}}


def only_jobs_write(facts: Facts, table_arn: str) -> dict[str, Any]:
    """The statement of the audit: jobs, a restore, and who erases persons or renews the masking key write it.

    Of the latter `raw_access` names the roles; a supplier that it names has no right to the audit anyway.
    """
    env = facts.env
    roles = [names.job_role(env, "*"), names.service_role(env, "restore"), *env.stack.raw_access]
    actions = [f"dynamodb:{action}" for action in _CHANGES]
    return {"OnlyJobsWrite": {**_others(facts, roles), "Action": actions, "Resource": table_arn}}


def _named(facts: Facts, zone: Zone, *, replica: bool) -> list[str]:
    """Names of roles. Jobs read and write where they are; the copies are made by replication alone."""
    env = facts.env
    roles = [*env.stack.raw_access, names.service_role(env, "replication")]
    if replica:
        return roles
    roles += [names.job_role(env, "*"), *(names.service_role(env, name) for name in _SERVICES.get(zone, ()))]
    if zone is Zone.QUARANTINE:
        # Names and reasons of quarantined files.
        watchers = (name for name, role in facts.policy.roles.items() if "watch" in role.may)
        roles += [names.person_role(env, name) for name in watchers]
    return roles


def _others(facts: Facts, roles: list[str]) -> dict[str, Any]:
    """A denial to every principal but these roles, and but AWS's services on their own behalf."""
    arns = [f"arn:aws:iam::{facts.env.account}:role/{role}" for role in roles]
    return {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Condition": {
            "StringNotLike": {"aws:PrincipalArn": arns},
            "Bool": {"aws:PrincipalIsAWSService": "false"},
        },
    }
