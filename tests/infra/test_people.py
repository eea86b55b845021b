"""The roles of people reach data through Lake Formation only."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from lakehouse.environments import names
from lakehouse.environments.names import Zone
from tests.infra.lake_formation import (
    ENV,
    PEOPLE,
    STATED,
    several,
    statements,
)


@pytest.fixture(scope="module")
def prod(synthesized: Any) -> dict[str, Any]:
    resources: dict[str, Any] = synthesized("prod")["resource"]
    return resources


@pytest.mark.parametrize("role", PEOPLE)
def test_a_person_comes_in_by_the_identity_provider_and_a_group_of_the_role(
    prod: dict[str, Any], role: str
) -> None:
    role_body = prod["aws_iam_role"][f"role_person_{role}"]
    assert role_body["name"] == f"lakehouse-prod-{role}"
    (trust,) = json.loads(role_body["assume_role_policy"])["Statement"]
    assert trust["Principal"] == {"Federated": f"arn:aws:iam::{ENV.account}:saml-provider/company"}
    assert trust["Action"] == "sts:AssumeRoleWithSAML"
    assert trust["Condition"]["StringEquals"] == {"SAML:aud": "https://signin.aws.amazon.com/saml"}
    assert trust["Condition"]["ForAnyValue:StringEquals"] == {
        "saml:edupersonaffiliation": STATED["roles"][role]["groups"]
    }


@pytest.mark.parametrize("role", PEOPLE)
def test_a_person_has_no_way_to_a_zone_but_through_lake_formation(prod: dict[str, Any], role: str) -> None:
    tables = [f"arn:aws:s3:::{names.bucket(ENV, zone)}/x" for zone in Zone if zone is not Zone.ATHENA]
    for statement in statements(prod, role):
        actions, resources = several(statement["Action"]), several(statement["Resource"])
        assert not [a for a in actions if a == "*" or a.endswith(":*")]
        assert ("*" in resources) == statement["Sid"].startswith("Any")
        # A list of names is no row.
        if any(a.startswith("s3:") for a in actions) and actions != ["s3:ListBucket"]:
            assert not [
                (r, t) for r in resources for t in tables if fnmatchcase(t, r) or t.startswith(f"{r}/")
            ]


def test_nobody_starts_a_job_of_glue_and_nobody_changes_one(
    prod: dict[str, Any],
) -> None:
    actions = {role: {a for s in statements(prod, role) for a in several(s["Action"])} for role in PEOPLE}
    assert not {role for role, may in actions.items() if "glue:StartJobRun" in may}
    assert {role for role, may in actions.items() if "glue:BatchStopJobRun" in may} == {
        "data_engineer",
        "operators",
    }
    assert {role for role, may in actions.items() if "glue:GetJobRuns" in may} == {
        "data_engineer",
        "operators",
        "viewers",
    }
    assert {role for role, may in actions.items() if "lakeformation:GetDataAccess" in may} == {
        "analyst",
        "data_engineer",
        "steward",
        "ml",
    }
    for may in actions.values():
        assert not {
            a
            for a in may
            if a.startswith("glue:") and a.split(":")[1].startswith(("Create", "Update", "Delete", "Put"))
        }
    jobs = {
        r
        for role in PEOPLE
        for s in statements(prod, role)
        if "glue:BatchStopJobRun" in s["Action"]
        for r in several(s["Resource"])
    }
    assert jobs == {f"arn:aws:glue:{ENV.region}:{ENV.account}:job/lakehouse-prod-*"}


def test_each_role_that_queries_has_results_that_no_other_can_read(prod: dict[str, Any]) -> None:
    bucket = names.bucket(ENV, Zone.ATHENA)
    for role in ("analyst", "data_engineer", "steward", "ml"):
        configuration = prod["aws_athena_workgroup"][f"workgroup_{role}"]["configuration"]
        assert configuration["enforce_workgroup_configuration"] is True
        assert configuration["result_configuration"]["output_location"] == f"s3://{bucket}/people/{role}/"
        assert (
            configuration["result_configuration"]["encryption_configuration"]["encryption_option"]
            == "SSE_KMS"
        )
        (own_results,) = [s for s in statements(prod, role) if s["Sid"] == "OwnResults"]
        assert own_results["Resource"] == f"arn:aws:s3:::{bucket}/people/{role}/*"
        (ask,) = [s for s in statements(prod, role) if s["Sid"] == "Ask"]
        assert ask["Resource"].endswith(f":workgroup/lakehouse-prod-{role}")


def test_who_watches_opens_airflow_as_viewer_and_who_runs_as_op(prod: dict[str, Any]) -> None:
    roles = {
        role: {
            r.rpartition("/")[2]
            for s in statements(prod, role)
            if "airflow:CreateWebLoginToken" in several(s["Action"])
            for r in several(s["Resource"])
        }
        for role in PEOPLE
    }
    assert roles == {
        "analyst": set(),
        "data_engineer": {"Viewer", "Op"},
        "steward": set(),
        "ml": set(),
        "viewers": {"Viewer"},
        "operators": {"Viewer", "Op"},
    }


def test_who_watches_sees_runs_and_names_of_quarantined_files_and_reads_no_row(prod: dict[str, Any]) -> None:
    audit = f"arn:aws:dynamodb:{ENV.region}:{ENV.account}:table/lakehouse-prod-audit"
    for role in ("viewers", "operators", "data_engineer"):
        by_sid = {s["Sid"]: s for s in statements(prod, role)}
        assert by_sid["SeeRuns"]["Resource"] == [audit, f"{audit}/index/*"]
        assert set(several(by_sid["SeeRuns"]["Action"])) == {"dynamodb:GetItem", "dynamodb:Query"}
        assert by_sid["ListQuarantine"]["Action"] == "s3:ListBucket"
        assert by_sid["ListQuarantine"]["Condition"] == {"StringLike": {"s3:prefix": "_errors/*"}}
        may = {a for s in by_sid.values() for a in several(s["Action"])}
        reads = {"dynamodb:GetItem", "dynamodb:Query"}
        assert not [a for a in may if a.startswith("dynamodb:") and a not in reads]
        (facts,) = [
            s for s in by_sid.values() if "s3:GetObject" in several(s["Action"]) and s["Sid"] != "OwnResults"
        ]
        folder = f"arn:aws:s3:::lakehouse-prod-quarantine-{ENV.account}/_errors/bronze/orders"
        run = f"{folder}/files/dt=2017-01-01/run_id=1/0123456789abcdef"
        assert fnmatchcase(f"{run}/file.json", facts["Resource"])
        # A landing file may have the same name; its bytes lie one folder deeper.
        assert not fnmatchcase(f"{run}/bytes/file.json", facts["Resource"])
        assert not fnmatchcase(f"{folder}/dt=2017-01-01/run_id=1/part-0.json", facts["Resource"])
