"""State and Lakebase are backed up in both regions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from lakehouse.environments import load_environment
from lakehouse.project import Project, project_root
from tests.infra.iam import Policies

NAMES = tuple(Project.find().settings.environments)


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
    table = "arn:aws:dynamodb:eu-west-1:000000000003:table/lakehouse-prod-watermarks"
    assert role.allow("dynamodb:RestoreTableFromAwsBackup", table)
    assert not role.allow("dynamodb:PutItem", table.replace("prod", "dev"))


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
