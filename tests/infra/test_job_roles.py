"""A job's access to tables and files: exactly those that its row names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakehouse.environments import names
from lakehouse.pipelines.job_type import JobType
from tests.infra.iam import Policies
from tests.infra.job_parts import job_stack, policies_of
from tests.infra.job_permissions import (
    ENV,
    EVERY,
    JOBS,
    KEEPER,
    TABLES,
    bucket_of,
    file_of,
    sees,
    touched,
    written,
)


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return job_stack("prod")


@pytest.mark.parametrize("job", JOBS)
def test_a_job_reads_writes_and_lists_the_tables_of_its_row_and_no_other(
    prod: dict[str, Any], job: str
) -> None:
    may, row = policies_of(prod, job), JOBS[job]
    assert {t for t in TABLES if may.allow("s3:GetObject", file_of(t))} == touched(row)
    assert {t for t in TABLES if sees(may, t)} == touched(row)
    for action in ("s3:PutObject", "s3:DeleteObject"):
        assert {t for t in TABLES if may.allow(action, file_of(t))} == written(row)


@pytest.mark.parametrize("job", [job for job in JOBS if job != KEEPER])
def test_a_table_whose_name_begins_alike_is_another(prod: dict[str, Any], job: str) -> None:
    may = policies_of(prod, job)
    for table in touched(JOBS[job]):
        assert not may.allow("s3:GetObject", file_of(f"{table}_old"))
        assert not sees(may, f"{table}_old")


@pytest.mark.parametrize("job", JOBS)
def test_a_missing_object_is_said_to_be_missing_and_not_forbidden(prod: dict[str, Any], job: str) -> None:
    """Delta needs S3's 404, which only a principal gets that may list the bucket; others get 403."""
    may, row = policies_of(prod, job), JOBS[job]
    for layer in {t.split(".")[0] for t in touched(row)}:
        assert may.allow("s3:ListBucket", bucket_of(layer))


@pytest.mark.parametrize("job", JOBS)
def test_a_job_rejects_rows_of_its_own_tables_only(prod: dict[str, Any], job: str) -> None:
    may = policies_of(prod, job)
    lanes = {
        t: f"{bucket_of('quarantine')}/_errors/{t.replace('.', '/')}/dt=2017-01-01/run_id=x/part-0.json"
        for t in EVERY
    }
    assert {t for t, lane in lanes.items() if may.allow("s3:PutObject", lane)} == set(JOBS[job].writes)
    # Before the first reject of a layer its folders are looked for.
    assert may.allow("s3:ListBucket", bucket_of("quarantine"), s3__prefix="_errors/") == bool(
        JOBS[job].writes
    )


@pytest.mark.parametrize("job", JOBS)
def test_a_job_stages_and_tells_under_its_own_name(prod: dict[str, Any], job: str) -> None:
    may = policies_of(prod, job)
    allowed = {
        f"{names.staging_uri(ENV, '{}', 'x')}/part.parquet": {job},
        f"{names.lineage_root(ENV)}/job={{}}/run_id=x/001-START.json": {job},
        names.spark_logs_uri(ENV, "{}") + "events": {job},
    }
    for location, expected in allowed.items():
        arns = {name: f"arn:aws:s3:::{location.removeprefix('s3://').format(name)}" for name in JOBS}
        assert {name for name, arn in arns.items() if may.allow("s3:PutObject", arn)} == expected
    code = f"{bucket_of('artifacts')}/code/run.py"
    assert may.allow("s3:GetObject", code)
    assert not may.allow("s3:PutObject", code)


def test_only_a_gate_writes_results_and_only_of_its_layer(prod: dict[str, Any]) -> None:
    access = {
        (job, layer)
        for job in JOBS
        for layer in names.LAYERS
        if policies_of(prod, job).allow(
            "s3:PutObject", f"{bucket_of('artifacts')}/dq_results/{layer}/results/part.parquet"
        )
    }
    gates = [job for job in JOBS.values() if job.type is JobType.GATE]
    assert access == {(gate.name, table.split(".")[0]) for gate in gates for table in gate.reads}


def test_only_what_reads_the_landing_zone_sees_it_and_only_its_drop(prod: dict[str, Any]) -> None:
    drops = {
        "crm/accounts",
        "crm/contacts",
        "crm/opportunities",
        "fx",
        "crm/loan_applications",
        "core_banking/loan_book",
    }
    access = {
        job: {
            d
            for d in drops
            if policies_of(prod, job).allow(
                "s3:GetObject", f"{bucket_of('landing')}/{d}/dt=2017-01-01/a.json"
            )
        }
        for job in JOBS
    }
    assert {job: uris for job, uris in access.items() if uris} == {
        "crm_to_bronze": {"crm/accounts", "crm/contacts", "crm/opportunities"},
        "fx_json_to_bronze": {"fx"},
        "ingest_loan_applications": {"crm/loan_applications"},
        "ingest_loan_book": {"core_banking/loan_book"},
    }


def test_who_keeps_tables_in_shape_reaches_every_table_and_nothing_else(prod: dict[str, Any]) -> None:
    may = policies_of(prod, KEEPER)
    for zone in ("landing", "quarantine", "artifacts"):
        assert not may.allow("s3:PutObject", f"{bucket_of(zone)}/code/run.py")
        assert not may.allow("s3:DeleteObject", f"{bucket_of(zone)}/_errors/gold/dim_date/part.json")
    assert not may.allow("s3:PutObject", f"{bucket_of('checkpoints')}/streams/kafka_to_lakebase/x")
    assert not may.allow("s3:PutBucketPolicy", bucket_of("gold"))
    assert not may.allow("s3:DeleteObjectVersion", file_of("gold.dim_date"))


def test_metrics_go_to_our_namespace_alone(prod: dict[str, Any]) -> None:
    may = policies_of(prod, "fx_json_to_bronze")
    assert may.allow("cloudwatch:PutMetricData", "*", cloudwatch__namespace=names.metrics_namespace(ENV))
    assert not may.allow("cloudwatch:PutMetricData", "*", cloudwatch__namespace="lakehouse/staging")


def test_no_policy_of_a_job_has_a_star_but_where_it_says_so(prod: dict[str, Any]) -> None:
    resources = prod["resource"]
    named = {k: v for k, v in resources["aws_iam_role_policy"].items() if k.startswith("policy_job_")}
    for policy in (*named.values(), resources["aws_iam_policy"]["policy_jobs"]):
        assert len(policy["policy"]) < 9_000
        for statement in json.loads(policy["policy"])["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not any(a == "*" or a.endswith(":*") for a in actions)
            assert ("*" in statement["Resource"]) == statement["Sid"].startswith("Any") or isinstance(
                statement["Resource"], str
            )
            if statement["Resource"] == "*":
                assert statement["Sid"].startswith("Any")


def test_a_role_is_taken_on_by_glue_alone(prod: dict[str, Any]) -> None:
    for job in JOBS:
        (statement,) = json.loads(prod["resource"]["aws_iam_role"][f"role_job_{job}"]["assume_role_policy"])[
            "Statement"
        ]
        assert statement["Principal"] == {"Service": "glue.amazonaws.com"}
        # No page says that Glue sends aws:SourceAccount: with it CreateJob itself could be refused.
        assert "Condition" not in statement


def test_a_run_may_read_how_it_encrypts(prod: dict[str, Any]) -> None:
    """As AWS's AWSGlueServiceRole lets it: each job names a security configuration."""
    resources = prod["resource"]
    common = json.loads(resources["aws_iam_policy"]["policy_jobs"]["policy"])
    actions = [action for s in common["Statement"] for action in [s["Action"]] if isinstance(action, str)]
    assert "glue:GetSecurityConfiguration" in actions
    assert all(job["security_configuration"] for job in resources["aws_glue_job"].values())


def test_the_judge_itself_lets_a_denial_win_and_minds_conditions() -> None:
    allow = {
        "Effect": "Allow",
        "Action": "s3:Get*",
        "Resource": "arn:x/*",
        "Condition": {"StringLike": {"s3:prefix": "a/*"}},
    }
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:x/secret"}
    may = Policies(({"Statement": [allow, deny]},))
    assert may.allow("s3:GetObject", "arn:x/1", s3__prefix="a/b")
    assert not may.allow("s3:GetObject", "arn:x/1", s3__prefix="b/a")
    assert not may.allow("s3:GetObject", "arn:x/1")
    assert not may.allow("s3:GetObject", "arn:x/secret", s3__prefix="a/b")
    assert not may.allow("s3:PutObject", "arn:x/1", s3__prefix="a/b")
