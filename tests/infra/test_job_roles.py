"""Each job may touch exactly what its row names: every job against every table, secret, watermark and lease."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.facts import read_facts
from infra.parts.encryption.secrets import declared_secrets
from lakehouse.environments import load_environment, names, prefixes
from lakehouse.environments.names import Zone
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.maintenance import maintained
from tests.infra.iam import Policies
from tests.infra.job_parts import made, policies_of

ENV = load_environment("prod")
FACTS = read_facts("prod")
JOBS = {job.name: job for job in FACTS.jobs}
# Of the lake, each below a prefix of its own; EVERY has those of the Lakebase too.
TABLES, EVERY = tuple(FACTS.schemas.on_lake), tuple(FACTS.schemas.contracts)
KEEPER = "maintain_tables"
ARN = f"{ENV.region}:{ENV.account}"


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return made("prod")


def file_of(table: str, name: str = "_delta_log/00000000000000000001.json") -> str:
    return f"arn:aws:s3:::{names.table_uri(ENV, table).removeprefix('s3://')}/{name}"


def bucket_of(zone: str) -> str:
    return f"arn:aws:s3:::{names.bucket(ENV, Zone(zone))}"


def written(row: Job) -> set[str]:
    return {t for t in (*row.writes, *maintained(row, FACTS.schemas)) if t in TABLES}


def touched(row: Job) -> set[str]:
    return {*written(row), *(t for t in row.reads if t in TABLES)}


def sees(may: Policies, table: str) -> bool:
    layer, name = table.split(".")
    return may.allow("s3:ListBucket", bucket_of(layer), s3__prefix=f"{name}/_delta_log/")


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
    """S3 answers 404 to who may list the bucket when no prefix is asked for, and 403 to others; Delta needs the 404."""
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
    own = {
        f"{names.staging_uri(ENV, '{}', 'x')}/part.parquet": {job},
        f"{names.lineage_root(ENV)}/job={{}}/run_id=x/001-START.json": {job},
        names.spark_logs_uri(ENV, "{}") + "events": {job},
    }
    for place, wanted in own.items():
        arns = {name: f"arn:aws:s3:::{place.removeprefix('s3://').format(name)}" for name in JOBS}
        assert {name for name, arn in arns.items() if may.allow("s3:PutObject", arn)} == wanted
    code = f"{bucket_of('artifacts')}/code/run.py"
    assert may.allow("s3:GetObject", code)
    assert not may.allow("s3:PutObject", code)


def test_only_a_gate_writes_results_and_only_of_its_layer(prod: dict[str, Any]) -> None:
    found = {
        (job, layer)
        for job in JOBS
        for layer in names.LAYERS
        if policies_of(prod, job).allow(
            "s3:PutObject", f"{bucket_of('artifacts')}/dq_results/{layer}/results/part.parquet"
        )
    }
    assert found == {("dq_silver_gate", "silver"), ("dq_gold_gate", "gold")}


def test_only_what_reads_the_landing_zone_sees_it_and_only_its_drop(prod: dict[str, Any]) -> None:
    drops = {
        "crm/accounts",
        "crm/contacts",
        "crm/opportunities",
        "fx",
        "crm/loan_applications",
        "core_banking/loan_book",
    }
    found = {
        job: {
            d
            for d in drops
            if policies_of(prod, job).allow(
                "s3:GetObject", f"{bucket_of('landing')}/{d}/dt=2017-01-01/a.json"
            )
        }
        for job in JOBS
    }
    assert {job: seen for job, seen in found.items() if seen} == {
        "crm_to_bronze": {"crm/accounts", "crm/contacts", "crm/opportunities"},
        "fx_json_to_bronze": {"fx"},
        "ingest_loan_applications": {"crm/loan_applications"},
        "ingest_loan_book": {"core_banking/loan_book"},
    }


@pytest.mark.parametrize("job", JOBS)
def test_a_job_reads_the_secrets_of_its_row_and_no_other(prod: dict[str, Any], job: str) -> None:
    may = policies_of(prod, job)
    arns = {
        name: f"arn:aws:secretsmanager:{ARN}:secret:{names.secret(ENV, name)}-AbCdEf"
        for name in declared_secrets(FACTS)
    }
    read = {name for name, arn in arns.items() if may.allow("secretsmanager:GetSecretValue", arn)}
    assert read == set(JOBS[job].secrets)
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
    stated = {
        name: next((p.value for p in row.params if p.name == "checkpoint_path"), "")
        for name, row in JOBS.items()
    }
    places = {
        name: f"{zone}/{prefixes.checkpoint(name, 'a_task', path)}/offsets/1" for name, path in stated.items()
    }
    for action in ("s3:PutObject", "s3:GetObject", "s3:DeleteObject"):
        assert {n for n, place in places.items() if may.allow(action, place)} == (
            {job} if JOBS[job].kind == "streaming" else set()
        )


def test_a_stream_reads_its_topic_and_no_other(prod: dict[str, Any]) -> None:
    topics = {"order_events", "loan_events", "traffic_events"}
    found = {
        job: {
            t
            for t in topics
            if policies_of(prod, job).allow(
                "kafka-cluster:ReadData", f"arn:aws:kafka:{ARN}:topic/{names.stream(ENV)}/id/{t}"
            )
        }
        for job in JOBS
    }
    assert {job: read for job, read in found.items() if read} == {
        "kafka_csv_to_bronze": {"order_events"},
        "streaming_loan_events": {"loan_events"},
        "gap_injection_with_kafka": {"traffic_events"},
        "kafka_to_lakebase": {"traffic_events"},
    }


def test_only_sql_that_asks_for_databases_sees_them_and_none_is_made(prod: dict[str, Any]) -> None:
    arns = {layer: f"arn:aws:glue:{ARN}:database/{names.database(ENV, layer)}" for layer in names.LAYERS}
    found = {
        job: {layer for layer, arn in arns.items() if policies_of(prod, job).allow("glue:GetDatabase", arn)}
        for job in JOBS
    }
    assert {job: seen for job, seen in found.items() if seen} == {
        "setup_databases": {"silver", "gold"},
        "register_glue": {"silver", "gold"},
    }
    assert not any(
        policies_of(prod, job).allow("glue:CreateDatabase", arn) for job in JOBS for arn in arns.values()
    )


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


def test_a_role_is_taken_on_by_glue_for_this_account_alone(prod: dict[str, Any]) -> None:
    for job in JOBS:
        (statement,) = json.loads(prod["resource"]["aws_iam_role"][f"role_job_{job}"]["assume_role_policy"])[
            "Statement"
        ]
        assert statement["Principal"] == {"Service": "glue.amazonaws.com"}
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ENV.account}}


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
