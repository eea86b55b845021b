"""The zones are replicated to the second region."""

from __future__ import annotations

import json
from typing import Any

from tests.infra.iam import Policies

ZONES = ("landing", "bronze", "silver", "gold")


def test_each_zone_is_copied_within_15_minutes_with_its_deletions_under_the_key_of_the_second_region(
    synthesized: Any,
) -> None:
    resources = synthesized("prod")["resource"]
    assert set(resources["aws_s3_bucket_replication_configuration"]) == {
        f"replication_{zone}" for zone in ZONES
    }
    for zone in ZONES:
        configuration = resources["aws_s3_bucket_replication_configuration"][f"replication_{zone}"]
        (rule,) = configuration["rule"]
        assert (rule["status"], rule["filter"]) == ("Enabled", {"prefix": ""})
        assert rule["delete_marker_replication"] == {"status": "Enabled"}
        assert rule["source_selection_criteria"] == {"sse_kms_encrypted_objects": {"status": "Enabled"}}
        to = rule["destination"]
        assert to["bucket"] == f"${{aws_s3_bucket.bucket_{zone}_replica.arn}}"
        assert to["replication_time"] == {"status": "Enabled", "time": {"minutes": 15}}
        assert to["metrics"] == {"status": "Enabled", "event_threshold": {"minutes": 15}}
        group = "curated" if zone in ("silver", "gold") else "raw"
        assert to["encryption_configuration"] == {
            "replica_kms_key_id": f"${{aws_kms_key.key_{group}_replica.arn}}"
        }
        # Both must keep versions before S3 takes the configuration.
        assert set(configuration["depends_on"]) == {
            f"aws_s3_bucket_versioning.versioning_{zone}",
            f"aws_s3_bucket_versioning.versioning_{zone}_replica",
            "aws_iam_role_policy.role_policy_replication",
        }


def test_copies_belong_to_the_account_whoever_wrote_the_original(synthesized: Any) -> None:
    ownership = synthesized("prod")["resource"]["aws_s3_bucket_ownership_controls"]
    for zone in ZONES:
        for suffix in (zone, f"{zone}_replica"):
            assert ownership[f"ownership_{suffix}"]["rule"] == {"object_ownership": "BucketOwnerEnforced"}


def test_replication_reads_the_zones_writes_the_copies_and_nothing_else(synthesized: Any) -> None:
    role = _role(synthesized, "replication")

    def may(action: str, bucket: str) -> bool:
        return role.allow(action, f"arn:aws:s3:::lakehouse-prod-{bucket}-000000000003/x/y.parquet")

    for zone in ZONES:
        assert may("s3:GetObjectVersionForReplication", zone)
        assert may("s3:ReplicateObject", f"{zone}-replica")
        assert may("s3:ReplicateDelete", f"{zone}-replica")
        assert not may("s3:ReplicateObject", zone)
        assert not may("s3:GetObject", zone)
    assert not may("s3:GetObjectVersionForReplication", "quarantine")


def test_replication_uses_each_key_only_through_s3_of_its_region(synthesized: Any) -> None:
    role, of = _role(synthesized, "replication"), "arn:aws:s3:::lakehouse-prod-gold-000000000003"
    in_region = {"kms__EncryptionContext:aws:s3:arn": of, "kms__ViaService": "s3.eu-central-1.amazonaws.com"}
    key, copy = "${aws_kms_key.key_curated.arn}", "${aws_kms_key.key_curated_replica.arn}"
    assert role.allow("kms:Decrypt", key, **in_region)
    assert not role.allow("kms:Decrypt", key)
    assert not role.allow("kms:Decrypt", copy, **in_region)
    in_replica_region = {
        "kms__EncryptionContext:aws:s3:arn": of.replace("gold", "gold-replica"),
        "kms__ViaService": "s3.eu-west-1.amazonaws.com",
    }
    assert role.allow("kms:Encrypt", copy, **in_replica_region)
    assert not role.allow("kms:Encrypt", key, **in_replica_region)


def _role(synthesized: Any, name: str) -> Policies:
    return Policies(
        (json.loads(synthesized("prod")["resource"]["aws_iam_role_policy"][f"role_policy_{name}"]["policy"]),)
    )


def test_a_batch_job_may_start_copies_of_this_environments_zones_and_nothing_else(synthesized: Any) -> None:
    role = _role(synthesized, "batch_replication")
    bucket = "arn:aws:s3:::lakehouse-prod-gold-000000000003"
    assert role.allow("s3:InitiateReplication", f"{bucket}/dim_date/part-1.parquet")
    assert role.allow("s3:PutInventoryConfiguration", bucket)
    assert not role.allow("s3:GetObject", f"{bucket}/dim_date/part-1.parquet")
    assert not role.allow("s3:InitiateReplication", "arn:aws:s3:::of-somebody-else/a")
