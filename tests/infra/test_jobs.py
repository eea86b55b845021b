"""A job row is a Glue job, and a change of one row changes nothing of another's."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from glue_jobs.params import parse
from infra.build.release import working_release
from infra.facts import read_facts
from infra.preflight import preflight
from lakehouse import __version__
from lakehouse.environments import load_environment, names
from lakehouse.environments.spark import COMMON
from lakehouse.project import project_root
from lakehouse.reading.faults import FaultsError
from tests.infra.job_parts import copied, flat, made, policies_of
from tests.lakehouse.contracts import builders

ENV = load_environment("prod")
JOBS = {job.name: job for job in read_facts("prod").jobs}
OPTIONS = ("--job", "--env", "--conf")


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return made("prod")


@pytest.fixture(scope="module")
def changed(
    prod: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str, str], set[str]]:
    """The addresses whose body is another one when, in a file of pipelines/retail, `old` is `new`."""

    def made_of(file: str, old: str, new: str) -> set[str]:
        root = copied(tmp_path_factory.mktemp("tree"))
        path = root / "pipelines" / "retail" / file
        assert path.read_text().count(old) == 1
        path.write_text(path.read_text().replace(old, new))
        return different(prod, made("prod", root))

    return made_of


def different(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    """Where a file lies says nothing: it is named from the folder that the stack is written to. Every job runs the new release."""
    before, after = flat(without_release(one)), flat(without_release(other))
    ours = {a for a in {*before, *after} if not a.startswith(("aws_s3_object.", "terraform_data."))}
    return {a for a in ours if before.get(a) != after.get(a)}


def without_release(document: dict[str, Any]) -> dict[str, Any]:
    copy = deepcopy(document)
    for job in copy["resource"]["aws_glue_job"].values():
        del job["default_arguments"]["--bundle"], job["default_arguments"]["--release"]
    return copy


@pytest.mark.parametrize("name", JOBS)
def test_a_job_row_is_a_glue_job(prod: dict[str, Any], name: str) -> None:
    job, row = prod["resource"]["aws_glue_job"][f"job_{name}"], JOBS[name]
    assert job["name"] == names.glue_job(ENV, name)
    workers = row.workers or ENV.glue.workers
    assert (job["glue_version"], job["worker_type"], job["number_of_workers"]) == (
        "5.1",
        ENV.glue.worker_type,
        workers,
    )
    if row.kind == "streaming":
        assert job["command"]["name"] == "gluestreaming"
        assert (job.get("timeout"), job.get("notification_property")) == (None, None)
    else:
        assert job["command"]["name"] == "glueetl"
        assert job["timeout"] == min(row.timeout_minutes, ENV.glue.timeout_minutes)
        assert job["notification_property"] == {"notify_delay_after": row.sla_minutes}
    assert job["execution_property"] == {"max_concurrent_runs": 1}
    assert job["max_retries"] == 0
    assert job["role_arn"] == f"${{aws_iam_role.role_job_{name}.arn}}"
    assert job["tags"] == {"pipeline": row.pipeline, "owner": row.owner}
    assert job["security_configuration"] == "${aws_glue_security_configuration.security_jobs.name}"
    # A way out in each zone, and none of them public.
    assert job["connections"] == [
        f"${{aws_glue_connection.connection_network_{letter}.name}}" for letter in "ab"
    ]


@pytest.mark.parametrize("name", JOBS)
def test_the_entrypoint_takes_every_argument_that_the_stack_gives(prod: dict[str, Any], name: str) -> None:
    arguments = prod["resource"]["aws_glue_job"][f"job_{name}"]["default_arguments"]
    words = [word for pair in arguments.items() for word in pair]
    # Glue joins a value that begins like an argument to its key.
    joined = [f"{key}={value}" for key, value in arguments.items()]
    assert parse(joined).job == name
    assert parse(joined).env == "prod"
    assert "--JOB_NAME" not in words
    assert arguments["--datalake-formats"] == "delta"
    assert arguments["--enable-auto-scaling"] == "true"


def test_glue_is_given_the_spark_settings_that_a_laptop_has(prod: dict[str, Any]) -> None:
    text = prod["resource"]["aws_glue_job"]["job_silver_to_gold"]["default_arguments"]["--conf"]
    assert dict(pair.split("=", 1) for pair in text.split(" --conf ")) == COMMON


def test_packages_come_from_the_bucket_because_private_subnets_reach_no_index(prod: dict[str, Any]) -> None:
    job = prod["resource"]["aws_glue_job"]["job_silver_to_gold"]
    arguments = job["default_arguments"]
    code = f"{names.zone_uri(ENV, names.Zone.ARTIFACTS)}/code"
    release = working_release(project_root())
    engine = f"{code}/engine/{release.engine}"
    assert arguments["--additional-python-modules"].split(",") == [
        f"{engine}/dependencies.gluewheels.zip",
        f"{engine}/lakehouse_platform-{__version__}-py3-none-any.whl",
    ]
    assert "--no-index" in arguments["--python-modules-installer-option"]
    assert job["command"]["script_location"] == f"{engine}/run.py"
    assert arguments["--bundle"] == f"{code}/bundle/{release.bundle}/project.zip"
    assert arguments["--release"] == f"{code}/releases/{release.digest}.json"


def test_a_job_may_read_the_code_of_every_release(prod: dict[str, Any]) -> None:
    arguments = prod["resource"]["aws_glue_job"]["job_silver_to_gold"]["default_arguments"]
    role = policies_of(prod, "silver_to_gold")
    for name in ("--bundle", "--release"):
        assert role.allow("s3:GetObject", f"arn:aws:s3:::{arguments[name].removeprefix('s3://')}")


def test_no_job_is_given_a_secret(prod: dict[str, Any]) -> None:
    for job in prod["resource"]["aws_glue_job"].values():
        text = json.dumps(job["default_arguments"])
        assert "secret" not in text
        assert "{{" not in text


def test_logs_of_jobs_are_encrypted_and_do_not_stay_for_ever(prod: dict[str, Any]) -> None:
    groups = {
        g["name"]: g
        for k, g in prod["resource"]["aws_cloudwatch_log_group"].items()
        if k.startswith("logs_jobs_")
    }
    prefix = prod["resource"]["aws_glue_job"]["job_silver_to_gold"]["default_arguments"][
        "--custom-logGroup-prefix"
    ]
    assert set(groups) == {f"{prefix}/error", f"{prefix}/output"}
    for group in groups.values():
        assert group["kms_key_id"] == "${aws_kms_key.key_platform.arn}"
        assert group["retention_in_days"] == ENV.stack.retention.log_days


def test_glue_puts_no_key_of_its_own_in_place_of_a_buckets(prod: dict[str, Any]) -> None:
    """With a key stated here, raw and curated rows would lie under the same one."""
    (secured,) = prod["resource"]["aws_glue_security_configuration"].values()
    stated = secured["encryption_configuration"]
    assert stated["s3_encryption"] == {"s3_encryption_mode": "DISABLED"}
    assert stated["job_bookmarks_encryption"]["job_bookmarks_encryption_mode"] == "CSE-KMS"


def test_only_jobs_of_this_environment_are_made(
    tmp_path_factory: pytest.TempPathFactory, changed: Any, prod: dict[str, Any]
) -> None:
    old = 'R012,publish_gold_to_snowflake,0 5 * * *,R010,batch,analytics,"local,dev,staging,prod"'
    gone = changed("job.csv", old, old.replace(",staging,prod", ",staging"))
    kinds = {
        "aws_glue_job.job",
        "aws_iam_role.role_job",
        "aws_iam_role_policy.policy_job",
        "aws_iam_role_policy_attachment.base_job",
    }
    assert gone == {f"{kind}_publish_gold_to_snowflake" for kind in kinds}


@pytest.mark.parametrize(
    ("file", "old", "new", "wanted"),
    [
        ("job.csv", "Dimensions and facts", "Dimensions and all facts", {"aws_glue_job.job_silver_to_gold"}),
        ("proc.csv", "silver_to_gold.py,1,2,90", "silver_to_gold.py,1,2,60", {"aws_glue_job.job_silver_to_gold"}),
        (
            "job.csv", "R008,silver_to_gold,0 4 * * *,R007,batch,analytics", "R008,silver_to_gold,0 4 * * *,R007,batch,finance",
            {"aws_glue_job.job_silver_to_gold", "aws_iam_role.role_job_silver_to_gold"},
        ),
        (
            "proc_param.csv", 'RP008,reads,"silver.customers,', 'RP008,reads,"silver.fx_rates,silver.customers,',
            {"aws_iam_role_policy.policy_job_silver_to_gold"},
        ),
        ("job.csv", "analytics,\"local,dev,staging,prod\",Dimensions and facts,\"2 retries", "analytics,\"local,dev,staging,prod\",Dimensions and facts,\"3 retries", set()),
    ],
)  # fmt: skip
def test_a_change_of_one_row_changes_only_what_is_that_jobs(
    changed: Any, file: str, old: str, new: str, wanted: set[str]
) -> None:
    assert changed(file, old, new) == wanted


def test_a_row_that_names_one_more_table_may_read_it(tmp_path: Path) -> None:
    root = copied(tmp_path / "tree")
    path = root / "pipelines" / "retail" / "proc_param.csv"
    path.write_text(
        path.read_text().replace(
            'RP008,reads,"silver.customers,', 'RP008,reads,"silver.fx_rates,silver.customers,'
        )
    )
    rates = f"arn:aws:s3:::{names.table_uri(ENV, 'silver.fx_rates').removeprefix('s3://')}/part-0.parquet"
    assert policies_of(made("prod", root), "silver_to_gold").allow("s3:GetObject", rates)


def test_an_sla_of_its_own_is_when_people_hear_of_a_delay(tmp_path: Path) -> None:
    root = copied(tmp_path / "tree")
    with (root / "pipelines" / "retail" / "proc_param.csv").open("a") as file:
        file.write("RP008,sla_minutes,45,int,Gold is read at six,No\n")
    job = made("prod", root)["resource"]["aws_glue_job"]["job_silver_to_gold"]
    assert (job["notification_property"], job["timeout"]) == ({"notify_delay_after": 45}, 90)


@pytest.mark.parametrize(
    ("pipeline", "job", "at_once"),
    [("kafka_traffic_pipeline", "traffic_data_clean", 3), ("kafka_to_lakebase",) * 2 + (1,)],
)
def test_a_cluster_of_its_own_comes_before_the_environments(
    tmp_path: Path, pipeline: str, job: str, at_once: int
) -> None:
    """Of a stream there is one run at most, whatever its file says."""
    root = copied(tmp_path / "tree")
    path = root / "pipelines" / pipeline / "config.json"
    stated = json.loads(path.read_text()) | {
        "job_cluster": {"workers": 7, "worker_type": "G.2X"},
        "max_concurrent_runs": 3,
    }
    path.write_text(json.dumps(stated))
    made_of = made("prod", root)["resource"]["aws_glue_job"][f"job_{job}"]
    assert (made_of["number_of_workers"], made_of["worker_type"]) == (7, "G.2X")
    assert made_of["execution_property"] == {"max_concurrent_runs": at_once}


def test_a_streaming_row_is_a_streaming_job_without_an_end(tmp_path: Path) -> None:
    root = copied(tmp_path / "tree")
    rows = {"job.csv": ("R005,kafka_csv_to_bronze,0 2 * * *,,batch", "R005,kafka_csv_to_bronze,continuous,,streaming"),
            "proc.csv": ("kafka_csv_to_bronze,ingest,1,3,30", "kafka_csv_to_bronze,ingest,1,3,0")}  # fmt: skip
    for name, (old, new) in rows.items():
        path = root / "pipelines" / "retail" / name
        path.write_text(path.read_text().replace(old, new))
    job = made("prod", root)["resource"]["aws_glue_job"]["job_kafka_csv_to_bronze"]
    assert job["command"]["name"] == "gluestreaming"
    assert job["maintenance_window"] == ENV.glue.maintenance_window
    assert "timeout" not in job
    assert "notification_property" not in job


def hundred_pipelines(root: Path) -> None:
    """100 pipelines of 10 jobs and three tables, one of each layer."""
    header = {
        name: (root / "pipelines" / "retail" / name).read_text().splitlines()[0]
        for name in ("job.csv", "proc.csv", "proc_param.csv")
    }
    for n in range(100):
        pipeline, tables = f"p{n:03}", [f"bronze.t{n:03}", f"silver.t{n:03}", f"gold.t{n:03}"]
        for table in tables:
            text = (builders.BRONZE if table.startswith("bronze") else builders.CONTRACT).replace(
                "RETAIL.PUBLIC.ORDERS", f"R.P.T{n:03}"
            )
            text = text.replace("orders.updated_at", f"t{n:03}.updated_at")
            builders.write(
                root,
                table,
                text.replace("silver/orders", table.replace(".", "/")).replace(
                    "bronze/orders", table.replace(".", "/")
                ),
            )
        folder = root / "pipelines" / pipeline
        (folder / "sql").mkdir(parents=True)
        job, proc, param = ([header[name]] for name in ("job.csv", "proc.csv", "proc_param.csv"))
        for k in range(10):
            source, query = tables[min(k, 3) - 1], f"SELECT * FROM {tables[min(k, 3) - 1]}"
            made = [
                f"CREATE OR REPLACE TABLE {tables[k]} AS {query if k else 'SELECT 1'}"
                if k < 3
                else "CREATE DATABASE IF NOT EXISTS gold"
            ]
            (folder / "sql" / f"step_{k}.sql").write_text(";\n".join(made))
            after = f"J{k - 1}" if k else ""
            job.append(
                f'J{k},{pipeline}_step_{k},0 2 * * *,{after},batch,team,"local,dev,staging,prod",Step {k},"1 retry, backoff 5m",a@company.com'
            )
            proc.append(
                f"P{k},J{k},{pipeline}_step_{k},sql/step_{k}.sql,1,1,30,,Airflow,{pipeline}_daily,{f'P{k - 1}' if k else ''}"
            )
            if k >= 3:
                param.append(f"P{k},reads,{source},tables,What it reads,No")
        for name, lines in {"job.csv": job, "proc.csv": proc, "proc_param.csv": param}.items():
            (folder / name).write_text("\n".join(lines) + "\n")


def test_a_hundred_pipelines_of_ten_jobs_are_a_thousand_jobs(tmp_path: Path) -> None:
    root = copied(tmp_path / "tree")
    hundred_pipelines(root)
    began = time.monotonic()
    document = made("prod", root)
    print(f"\n100 pipelines of 10 jobs: read and synthesised in {time.monotonic() - began:.1f} s")
    resources = document["resource"]
    assert len(resources["aws_glue_job"]) == len(resources["aws_iam_role_policy"]) - 1 == 1000 + len(JOBS)
    assert len(resources["aws_glue_catalog_table"]) == 300 + len(read_facts("prod").schemas.on_lake)
    may = policies_of(document, "p042_step_2")
    of = {
        t: f"arn:aws:s3:::{names.table_uri(ENV, t).removeprefix('s3://')}/part-0.parquet"
        for t in ("silver.t042", "gold.t042", "silver.t043")
    }
    assert {t for t, arn in of.items() if may.allow("s3:GetObject", arn)} == {"silver.t042", "gold.t042"}
    assert {t for t, arn in of.items() if may.allow("s3:PutObject", arn)} == {"gold.t042"}


def faults(root: Path, env: str = "prod") -> list[tuple[str, str, int]]:
    with pytest.raises(FaultsError) as raised:
        preflight(read_facts(env, root))
    return [(f.code, f.file, f.line) for f in raised.value.faults]


def renamed(root: Path, old: str, new: str) -> None:
    for name in ("job.csv", "proc.csv"):
        path = root / "pipelines" / "retail" / name
        path.write_text(path.read_text().replace(old, new))
    transforms = root / "pipelines" / "retail" / "transforms"
    (transforms / f"{old}.py").rename(transforms / f"{new}.py")


def test_a_job_whose_role_would_have_too_long_a_name_is_found_before_anything_is_made(tmp_path: Path) -> None:
    root = copied(tmp_path)
    renamed(root, "fx_json_to_bronze", "f" * 44)
    # `lakehouse-prod-job-` are 19 characters, `lakehouse-local-job-` 20.
    preflight(read_facts("dev", root))
    assert faults(root, "staging") == [("LK501", "pipelines/retail/job.csv", 5)]


def test_a_bucket_name_that_is_too_long_is_found_before_anything_is_made(tmp_path: Path) -> None:
    facts = read_facts("staging")
    # Sixteen characters of a project are what the reader lets pass, and fit.
    preflight(replace(facts, env=facts.env.model_copy(update={"project": "p" * 16})))
    with pytest.raises(FaultsError) as raised:
        preflight(replace(facts, env=facts.env.model_copy(update={"project": "p" * 23})))
    buckets = [f for f in raised.value.faults if f.what.startswith("S3 bucket")]
    assert {(f.code, f.file) for f in buckets} == {("LK501", "environments/staging.yml")}
    assert all("at most 63" in f.wanted for f in buckets)


def test_a_job_of_more_tables_than_a_policy_can_name_is_found_before_anything_is_made(tmp_path: Path) -> None:
    root = copied(tmp_path)
    tables = [f"gold.table_of_a_long_name_{n:03}" for n in range(60)]
    for table in tables:
        builders.write(root, table, builders.CONTRACT.replace("silver/orders", table.replace(".", "/")))
    path = root / "pipelines" / "retail" / "proc_param.csv"
    path.write_text(
        path.read_text().replace(
            'gold.fact_behavior",tables,"Gold tables',
            ",".join(["gold.fact_behavior", *tables]) + '",tables,"Gold tables',
        )
    )
    with (root / "pipelines" / "retail" / "transforms" / "silver_to_gold.py").open("a") as code:
        code.writelines(
            f"\n\ndef {table.partition('.')[2]}(silver_orders):\n    return silver_orders\n"
            for table in tables
        )
    assert faults(root) == [("LK502", "pipelines/retail/job.csv", 9)]


@pytest.mark.parametrize("minutes", [0, -5, 91])
def test_an_sla_that_no_run_can_keep_or_miss_is_found_before_anything_is_made(
    tmp_path: Path, minutes: int
) -> None:
    root = copied(tmp_path)
    with (root / "pipelines" / "retail" / "proc_param.csv").open("a") as file:
        file.write(f"RP008,sla_minutes,{minutes},int,Gold is read at six,No\n")
    assert faults(root) == [("LK504", "pipelines/retail/job.csv", 9)]


def test_a_rotation_of_no_secret_is_found_before_anything_is_made(tmp_path: Path) -> None:
    root = copied(tmp_path)
    with (root / "environments" / "prod.yml").open("a") as file:
        file.write(
            "  rotation:\n    redshfit:\n      lambda_arn: arn:aws:lambda:eu-central-1:000000000003:function:renew\n      days: 30\n"
        )
    assert faults(root) == [("LK503", "environments/prod.yml", 0)]


def test_two_jobs_with_one_name_are_found_before_anything_is_made(tmp_path: Path) -> None:
    root = copied(tmp_path)
    other = root / "pipelines" / "wholesale"
    other.mkdir()
    for name in ("job.csv", "proc.csv", "proc_param.csv"):
        lines = (root / "pipelines" / "retail" / name).read_text().splitlines()
        kept = [line for line in lines[1:] if line.startswith(("R009,", "RP009,"))]
        (other / name).write_text(
            "\n".join(
                [
                    lines[0],
                    *(
                        line.replace(",R008,", ",,").replace("retail_daily,RP008", "retail_daily,")
                        for line in kept
                    ),
                ]
            )
            + "\n"
        )
    with pytest.raises(FaultsError) as raised:
        read_facts("prod", root)
    assert "LK305" in {f.code for f in raised.value.faults}
