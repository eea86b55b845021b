"""A job's access to watermarks, leases, streams, secrets, keys and the catalog."""

from __future__ import annotations

from typing import Any

import pytest

from infra.parts.encryption.secrets import declared_secrets
from lakehouse.environments import names, prefixes
from lakehouse.pipelines.job_secrets import hashes_rows
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.maintenance import maintained
from tests.infra.job_parts import job_stack, policies_of
from tests.infra.job_permissions import (
    ARN,
    ENV,
    EVERY,
    FACTS,
    JOBS,
    KEEPER,
    TABLES,
    bucket_of,
    touched,
    written,
)


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return job_stack("prod")


@pytest.mark.parametrize("job", JOBS)
def test_a_job_reads_the_secrets_of_its_row_and_no_other(prod: dict[str, Any], job: str) -> None:
    may = policies_of(prod, job)
    arns = {
        name: f"arn:aws:secretsmanager:{ARN}:secret:{names.secret(ENV, name)}-AbCdEf"
        for name in declared_secrets(FACTS)
    }
    read = {name for name, arn in arns.items() if may.allow("secretsmanager:GetSecretValue", arn)}
    hashing = {"pii_key"} if hashes_rows(JOBS[job], FACTS.schemas) else set()
    taking = {"forgotten_key"} if JOBS[job].type in (JobType.INGEST, JobType.STREAM) else set()
    assert read == set(JOBS[job].secrets) | hashing | taking
    assert not any(may.allow("secretsmanager:PutSecretValue", arn) for arn in arns.values())
    key = "${aws_kms_key.key_secrets.arn}"
    assert may.allow(
        "kms:Decrypt", key, kms__ViaService=f"secretsmanager.{ENV.region}.amazonaws.com"
    ) == bool(read)


@pytest.mark.parametrize("job", JOBS)
def test_a_job_moves_only_its_own_watermarks_and_leases(prod: dict[str, Any], job: str) -> None:
    may, row = policies_of(prod, job), JOBS[job]

    def puts(control: str, key: str) -> bool:
        return may.allow(
            "dynamodb:PutItem",
            f"arn:aws:dynamodb:{ARN}:table/lakehouse-prod-{control}",
            dynamodb__LeadingKeys=key,
        )

    assert {t for t in EVERY if puts("leases", t)} >= {*row.writes, *maintained(row, FACTS.schemas)}
    assert {t for t in EVERY if puts("leases", t)} <= {*row.writes, *(EVERY if job == KEEPER else ())}
    assert {other for other in JOBS if puts("leases", f"stream.{other}")} == (
        {job} if row.kind == "streaming" else set()
    )
    marks = {
        c.lake.watermark_state_key: c.table
        for c in FACTS.schemas.contracts.values()
        if c.lake.watermark_state_key
    }
    assert {table for key, table in marks.items() if puts("watermarks", key)} == {
        t for t in row.writes if t in marks.values() and row.kind == "batch"
    }
    followed = {JobType.GATE: row.reads, JobType.TRANSFORM: row.writes, JobType.SQL: row.writes}.get(
        row.type, ()
    )
    followed = maintained(row, FACTS.schemas) if row.type is JobType.MAINTAIN else followed
    assert {(other, t) for other in JOBS for t in TABLES if puts("watermarks", f"{other}.{t}")} == {
        (job, t) for t in followed if t in TABLES
    }
    for warehouse in ("redshift", "snowflake"):
        published = {
            t for t in TABLES if puts("leases", f"{warehouse}.{t}") and puts("watermarks", f"{warehouse}.{t}")
        }
        assert published == (set(row.reads) if job == f"publish_gold_to_{warehouse}" else set())
    assert not may.allow("dynamodb:Scan", f"arn:aws:dynamodb:{ARN}:table/lakehouse-prod-watermarks")
    assert puts("audit", "any-run")


@pytest.mark.parametrize("warehouse", ["redshift", "snowflake"])
def test_a_publish_reads_what_its_gate_has_passed(prod: dict[str, Any], warehouse: str) -> None:
    may, table = (
        policies_of(prod, f"publish_gold_to_{warehouse}"),
        f"arn:aws:dynamodb:{ARN}:table/lakehouse-prod-watermarks",
    )
    reads = [
        key
        for key in ("dq_gold_gate.gold.fact_sales", "dq_silver_gate.silver.orders", "x.gold.fact_sales")
        if may.allow("dynamodb:GetItem", table, dynamodb__LeadingKeys=key)
    ]
    assert reads == ["dq_gold_gate.gold.fact_sales"]


def test_only_the_register_changes_the_catalog_and_nobody_makes_or_drops_tables(prod: dict[str, Any]) -> None:
    arn = f"arn:aws:glue:{ARN}:table/{names.database(ENV, 'gold')}/dim_date"
    assert {job for job in JOBS if policies_of(prod, job).allow("glue:UpdateTable", arn)} == {"register_glue"}
    for action in (
        "glue:CreateTable",
        "glue:DeleteTable",
        "glue:CreateJob",
        "glue:UpdateJob",
        "glue:StartJobRun",
    ):
        assert not any(policies_of(prod, job).allow(action, arn) for job in JOBS)


@pytest.mark.parametrize("job", JOBS)
def test_keys_open_only_through_their_service_and_only_for_zones_that_the_job_touches(
    prod: dict[str, Any], job: str
) -> None:
    may, row = policies_of(prod, job), JOBS[job]
    s3 = f"s3.{ENV.region}.amazonaws.com"
    curated = any(not t.startswith("bronze.") for t in touched(row))
    assert may.allow("kms:Decrypt", "${aws_kms_key.key_curated.arn}", kms__ViaService=s3) == curated
    writes = any(not t.startswith("bronze.") for t in written(row))
    assert may.allow("kms:GenerateDataKey", "${aws_kms_key.key_curated.arn}", kms__ViaService=s3) == writes
    for key in ("raw", "curated", "platform", "state", "secrets", "messages"):
        assert not may.allow("kms:Decrypt", f"${{aws_kms_key.key_{key}.arn}}")
        assert not may.allow(
            "kms:Decrypt",
            f"${{aws_kms_key.key_{key}.arn}}",
            kms__ViaService=f"ec2.{ENV.region}.amazonaws.com",
        )


@pytest.mark.parametrize("job", JOBS)
def test_a_stream_keeps_its_position_in_a_folder_of_its_own(prod: dict[str, Any], job: str) -> None:
    may, zone = policies_of(prod, job), bucket_of("checkpoints")
    declared = {
        name: next((p.value for p in row.params if p.name == "checkpoint_path"), "")
        for name, row in JOBS.items()
    }
    places = {
        name: f"{zone}/{prefixes.checkpoint(name, 'a_task', path)}/offsets/1"
        for name, path in declared.items()
    }
    for action in ("s3:PutObject", "s3:GetObject", "s3:DeleteObject"):
        assert {n for n, location in places.items() if may.allow(action, location)} == (
            {job} if JOBS[job].kind == "streaming" else set()
        )


def test_only_sql_that_asks_for_databases_sees_them_and_none_is_made(prod: dict[str, Any]) -> None:
    arns = {layer: f"arn:aws:glue:{ARN}:database/{names.database(ENV, layer)}" for layer in names.LAYERS}
    access = {
        job: {layer for layer, arn in arns.items() if policies_of(prod, job).allow("glue:GetDatabase", arn)}
        for job in JOBS
    }
    assert {job: names_seen for job, names_seen in access.items() if names_seen} == {
        "setup_databases": {"silver", "gold"},
        "register_glue": {"silver", "gold"},
    }
    assert not any(
        policies_of(prod, job).allow("glue:CreateDatabase", arn) for job in JOBS for arn in arns.values()
    )
