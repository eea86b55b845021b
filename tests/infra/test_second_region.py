"""The catalog and the alarms of the second region, and the recovery objectives."""

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
from tests.project_marker import mark

NAMES = tuple(Project.find().settings.environments)
ZONES = ("landing", "bronze", "silver", "gold")


def test_all_that_is_a_copy_lies_in_the_second_region_and_that_is_another_one(synthesized: Any) -> None:
    for env in NAMES:
        document = synthesized(env)
        first, second = (provider["region"] for provider in document["provider"]["aws"])
        assert first != second
        for kind, resources_of_kind in document["resource"].items():
            for name, body in resources_of_kind.items():
                of_copies = re.search(r"_replica(_|$)", name) is not None or name.startswith(
                    "recovery_replication_late_"
                )
                assert (body.get("provider") == "aws.replica") == of_copies, f"{kind}.{name}"


def test_the_second_region_has_every_table_with_the_same_columns_over_the_copy(synthesized: Any) -> None:
    tables = synthesized("prod")["resource"]["aws_glue_catalog_table"]
    originals = {name for name in tables if not name.endswith("_replica")}
    assert originals
    for name in originals:
        original, copy = tables[name], tables[f"{name}_replica"]
        assert copy["storage_descriptor"]["columns"] == original["storage_descriptor"]["columns"]
        zone = name.split("_")[1]
        primary, replica = (
            f"s3://lakehouse-prod-{zone}-000000000003/",
            f"s3://lakehouse-prod-{zone}-replica-000000000003/",
        )
        assert copy["storage_descriptor"]["location"] == original["storage_descriptor"]["location"].replace(
            primary, replica
        )
        assert copy["name"] == original["name"]


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
            is_replica = alarm.get("provider") == "aws.replica"
            topic = (
                "${aws_sns_topic.topic_alerts_replica.arn}"
                if is_replica
                else "${aws_sns_topic.topic_alerts.arn}"
            )
            assert alarm["alarm_actions"] == [topic], name


def _role(synthesized: Any, name: str) -> Policies:
    return Policies(
        (json.loads(synthesized("prod")["resource"]["aws_iam_role_policy"][f"role_policy_{name}"]["policy"]),)
    )


def _facts(tmp_path: Path, file: str, old: str, new: str) -> Path:
    """A project whose environments differ in one line from those of this project."""
    mark(tmp_path)
    shutil.copytree(project_root() / "environments", tmp_path / "environments")
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
