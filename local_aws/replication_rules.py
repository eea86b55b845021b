"""Replication rules of buckets: which one copies a key, and what its role needs for a version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local_aws.iam.actions import Action

_ARN = "arn:aws:s3:::"


@dataclass(frozen=True)
class Rule:
    """`key`: the KMS key of the copies, or none."""

    role: str
    bucket: str
    key: str | None
    markers: bool


def rule_of(bucket: Any, key: str) -> Rule | None:
    """The rule of a bucket that copies a key: the one of the highest priority."""
    facts: dict[str, Any] = getattr(bucket, "replication", None) or {}
    rules = sorted(facts.get("Rule", []), key=lambda rule: -int(rule.get("Priority", 0)))
    for rule in rules:
        scope = rule.get("Filter") or {}
        prefix = (scope.get("And") or scope).get("Prefix") or rule.get("Prefix") or ""
        if rule["Status"] == "Enabled" and key.startswith(prefix):
            to = rule["Destination"]
            return Rule(
                facts["Role"],
                to["Bucket"].removeprefix(_ARN),
                (to.get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID"),
                (rule.get("DeleteMarkerReplication") or {}).get("Status") == "Enabled",
            )
    return None


def is_marker(version: Any) -> bool:
    """Whether a version says that the key is deleted."""
    return not hasattr(version, "storage_class")


def actions(source: Any, rule: Rule, version: Any, target: Any) -> Iterator[Action]:
    """What the role needs: to read the version and to decrypt it, to write the copy and to encrypt it."""
    read, written = f"{_ARN}{source.name}/{version.name}", f"{_ARN}{rule.bucket}/{version.name}"
    if is_marker(version):
        yield Action("s3:ReplicateDelete", written)
        return
    yield Action("s3:GetObjectVersionForReplication", read)
    if version.encryption == "aws:kms" and version.kms_key_id:
        yield Action("kms:Decrypt", version.kms_key_id, _of_key(source.region_name, read))
    yield Action("s3:ReplicateObject", written)
    if rule.key:
        yield Action("kms:GenerateDataKey", rule.key, _of_key(target.region_name, written))


def _of_key(region: str, arn: str) -> dict[str, tuple[str, ...]]:
    return {
        "kms:viaservice": (f"s3.{region}.amazonaws.com",),
        "kms:encryptioncontext:aws:s3:arn": (arn,),
    }
