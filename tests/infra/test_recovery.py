"""A lost region loses no more than the facts promise, and somebody hears when the promise is not kept."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from lakehouse.environments import load_environment
from lakehouse.project import Project, project_root
from lakehouse.reading.faults import FaultsError
from tests.infra.iam import Policies

NAMES = tuple(Project.find().settings.environments)

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
            f"aws_s3_bucket_versioning.versioning_{zone}", f"aws_s3_bucket_versioning.versioning_{zone}_replica",
        }  # fmt: skip


def test_all_that_is_a_copy_lies_in_the_second_region_and_that_is_another_one(synthesized: Any) -> None:
    for env in NAMES:
        document = synthesized(env)
        first, second = (provider["region"] for provider in document["provider"]["aws"])
        assert first != second
        for kind, made in document["resource"].items():
            for name, body in made.items():
                of_copies = re.search(r"_replica(_|$)", name) is not None or name.startswith(
                    "recovery_replication_late_"
                )
                assert (body.get("provider") == "aws.replica") == of_copies, f"{kind}.{name}"


def test_copies_belong_to_the_account_whoever_wrote_the_original(synthesized: Any) -> None:
    ownership = synthesized("prod")["resource"]["aws_s3_bucket_ownership_controls"]
    for zone in ZONES:
        for place in (zone, f"{zone}_replica"):
            assert ownership[f"ownership_{place}"]["rule"] == {"object_ownership": "BucketOwnerEnforced"}


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
    here = {"kms__EncryptionContext:aws:s3:arn": of, "kms__ViaService": "s3.eu-central-1.amazonaws.com"}
    key, copy = "${aws_kms_key.key_curated.arn}", "${aws_kms_key.key_curated_replica.arn}"
    assert role.allow("kms:Decrypt", key, **here)
    assert not role.allow("kms:Decrypt", key)
    assert not role.allow("kms:Decrypt", copy, **here)
    there = {
        "kms__EncryptionContext:aws:s3:arn": of.replace("gold", "gold-replica"),
        "kms__ViaService": "s3.eu-west-1.amazonaws.com",
    }
    assert role.allow("kms:Encrypt", copy, **there)
    assert not role.allow("kms:Encrypt", key, **there)


def test_the_second_region_has_every_table_with_the_same_columns_over_the_copy(synthesized: Any) -> None:
    tables = synthesized("prod")["resource"]["aws_glue_catalog_table"]
    originals = {name for name in tables if not name.endswith("_replica")}
    assert originals
    for name in originals:
        original, copy = tables[name], tables[f"{name}_replica"]
        assert copy["storage_descriptor"]["columns"] == original["storage_descriptor"]["columns"]
        zone = name.split("_")[1]
        here, there = (
            f"s3://lakehouse-prod-{zone}-000000000003/",
            f"s3://lakehouse-prod-{zone}-replica-000000000003/",
        )
        assert copy["storage_descriptor"]["location"] == original["storage_descriptor"]["location"].replace(
            here, there
        )
        assert copy["name"] == original["name"]


@pytest.mark.parametrize("env", NAMES)
def test_backups_of_state_and_lakebase_are_copied_often_enough_for_the_promise(
    synthesized: Any, env: str
) -> None:
    resources, facts = synthesized(env)["resource"], load_environment(env).stack.recovery
    rules = {rule["rule_name"]: rule for rule in resources["aws_backup_plan"]["backup"]["rule"]}
    assert set(rules) == ({"daily"} if facts.backup_hours == 24 else {"daily", "frequent"})
    for rule in rules.values():
        (copy,) = rule["copy_action"]
        assert copy["destination_vault_arn"] == "${aws_backup_vault.vault_replica.arn}"
        assert copy["lifecycle"] == rule["lifecycle"]
        assert (
            facts.backup_hours * 60 + rule["start_window"] + rule["completion_window"]
            <= facts.backup_rpo_minutes
        )
    assert rules["daily"]["lifecycle"] == {"delete_after": facts.backup_days}
    selected = resources["aws_backup_selection"]["backup_selection"]["resources"]
    assert set(selected) == {
        f"${{aws_dynamodb_table.control_{t}.arn}}" for t in ("watermarks", "audit", "leases")
    } | {"${aws_rds_cluster.lakebase.arn}"}
    assert resources["aws_backup_vault"]["vault"]["kms_key_arn"] == "${aws_kms_key.key_state.arn}"
    assert (
        resources["aws_backup_vault"]["vault_replica"]["kms_key_arn"]
        == "${aws_kms_key.key_recovery_replica.arn}"
    )


def test_each_promise_has_an_alarm_at_its_own_number(synthesized: Any) -> None:
    for env in NAMES:
        alarms, facts = (
            synthesized(env)["resource"]["aws_cloudwatch_metric_alarm"],
            load_environment(env).stack.recovery,
        )
        for zone in ZONES:
            late, failed = (
                alarms[f"recovery_replication_late_{zone}"],
                alarms[f"recovery_replication_failed_{zone}"],
            )
            assert (late["metric_name"], late["threshold"]) == ("ReplicationLatency", facts.rpo_minutes * 60)
            assert (failed["metric_name"], failed["threshold"]) == ("OperationsFailedReplication", 0)
            assert set(late["dimensions"]) == {"SourceBucket", "DestinationBucket", "RuleId"}
            assert late["dimensions"] == failed["dimensions"]
        old = alarms["recovery_backup_old"]
        assert (
            old["evaluation_periods"] * old["period"]
            >= facts.backup_rpo_minutes * 60
            > (old["evaluation_periods"] - 1) * old["period"]
        )
        # No news is bad news.
        assert old["treat_missing_data"] == "breaching"
        assert {"recovery_backup_failed", "recovery_backup_copy_failed"} <= set(alarms)


def test_an_alarm_tells_a_topic_of_its_own_region(synthesized: Any) -> None:
    for name, alarm in synthesized("prod")["resource"]["aws_cloudwatch_metric_alarm"].items():
        if name.startswith("recovery_"):
            there = alarm.get("provider") == "aws.replica"
            topic = (
                "${aws_sns_topic.topic_alerts_replica.arn}" if there else "${aws_sns_topic.topic_alerts.arn}"
            )
            assert alarm["alarm_actions"] == [topic], name


def test_backups_are_locked_where_the_environment_is_protected_and_go_with_it_where_not(
    synthesized: Any,
) -> None:
    dev, prod = (synthesized(env)["resource"] for env in ("dev", "prod"))
    assert {vault["force_destroy"] for vault in dev["aws_backup_vault"].values()} == {True}
    assert {vault["force_destroy"] for vault in prod["aws_backup_vault"].values()} == {False}
    assert "aws_backup_vault_lock_configuration" not in dev
    assert set(prod["aws_backup_vault_lock_configuration"]) == {"lock_vault", "lock_vault_replica"}


def test_who_restores_may_write_the_state_and_no_other_table(synthesized: Any) -> None:
    role = _role(synthesized, "restore")
    own = "arn:aws:dynamodb:eu-west-1:000000000003:table/lakehouse-prod-watermarks"
    assert role.allow("dynamodb:RestoreTableFromAwsBackup", own)
    assert not role.allow("dynamodb:PutItem", own.replace("prod", "dev"))


def _role(synthesized: Any, name: str) -> Policies:
    return Policies(
        (json.loads(synthesized("prod")["resource"]["aws_iam_role_policy"][f"role_policy_{name}"]["policy"]),)
    )


def _facts(tmp_path: Path, file: str, old: str, new: str) -> Path:
    shutil.copytree(
        project_root() / "environments",
        tmp_path / "environments",
        ignore=shutil.ignore_patterns("*.py", "__pycache__"),
    )
    path = tmp_path / "environments" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return tmp_path


def test_a_second_region_that_is_the_first_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    root = _facts(tmp_path, "base.yml", "replica_region: eu-west-1", "replica_region: eu-central-1")
    with pytest.raises(FaultsError, match="would lose both copies"):
        load_environment("prod", root)


def test_a_promise_that_the_schedule_cannot_keep_is_refused(tmp_path: Path) -> None:
    root = _facts(tmp_path, "prod.yml", "backup_hours: 1", "backup_hours: 12")
    with pytest.raises(FaultsError, match="can be 900 minutes old"):
        load_environment("prod", root)


def test_the_runbook_names_the_promises_of_prod() -> None:
    facts = load_environment("prod").stack.recovery
    text = (project_root() / "docs" / "runbooks" / "dr-restore.md").read_text()
    for minutes in (facts.rpo_minutes, facts.rto_minutes, facts.backup_rpo_minutes):
        assert f"{minutes} min" in text
