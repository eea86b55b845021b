"""Rights of services that AWS asks for in another form than their names suggest."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.infra.lake_formation import several

ACCOUNT = "000000000003"


def _statements(synthesized: Any, name: str) -> list[dict[str, Any]]:
    policy = synthesized("prod")["resource"]["aws_iam_role_policy"][f"role_policy_{name}"]["policy"]
    statements: list[dict[str, Any]] = json.loads(policy)["Statement"]
    return statements


def _allows(statements: list[dict[str, Any]], action: str, arn: str) -> bool:
    return any(
        action in several(s["Action"]) and any(fnmatchcase(arn, r) for r in several(s["Resource"]))
        for s in statements
    )


@pytest.mark.parametrize(
    ("role", "action", "arn"),
    [
        # IAM evaluates CreateLogGroup on the group's ARN with `:log-stream:` at its end.
        (
            "lakebase_monitor",
            "logs:CreateLogGroup",
            f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:RDSOSMetrics:log-stream:",
        ),
        # It takes no resource.
        ("flow_logs", "logs:DescribeLogGroups", "*"),
        # A copy is made from the recovery point, and Aurora's is a snapshot of RDS.
        (
            "backup",
            "backup:CopyFromBackupVault",
            f"arn:aws:rds:eu-central-1:{ACCOUNT}:cluster-snapshot:awsbackup:job-1",
        ),
    ],
)
def test_a_service_may_what_aws_asks_of_it(synthesized: Any, role: str, action: str, arn: str) -> None:
    assert _allows(_statements(synthesized, role), action, arn)


def test_lake_formation_and_glue_take_on_the_role_of_the_locations(synthesized: Any) -> None:
    """https://docs.aws.amazon.com/lake-formation/latest/dg/registration-role.html"""
    role = synthesized("prod")["resource"]["aws_iam_role"]["role_data_access"]
    (trust,) = json.loads(role["assume_role_policy"])["Statement"]
    assert set(trust["Principal"]["Service"]) == {"glue.amazonaws.com", "lakeformation.amazonaws.com"}
    assert "Condition" not in trust


def test_a_database_that_aws_upgrades_has_no_stated_minor_version(synthesized: Any) -> None:
    resources = synthesized("prod")["resource"]
    cluster = resources["aws_rds_cluster"]["lakebase"]
    for instance in resources["aws_rds_cluster_instance"].values():
        assert instance["auto_minor_version_upgrade"] is True
        assert "engine_version" not in instance
    assert cluster["engine_version"] == "16"


def test_old_versions_of_state_and_staged_files_are_gone_after_a_day(synthesized: Any) -> None:
    rules = synthesized("prod")["resource"]["aws_s3_bucket_lifecycle_configuration"]
    days = {
        zone: rules[f"lifecycle_{zone}"]["rule"][0]["noncurrent_version_expiration"][0]["noncurrent_days"]
        for zone in ("checkpoints", "silver")
    }
    assert days == {"checkpoints": 1, "silver": 35}
