"""A changed row changes the resources of its job and no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from lakehouse.environments import load_environment, names
from tests.infra.job_parts import copied, flat, job_stack, policies_of

ENV = load_environment("prod")


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return job_stack("prod")


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
        return different(prod, job_stack("prod", root))

    return made_of


def different(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    """Addresses whose body differs. Ignores uploads, whose paths differ, and the release of every job."""
    before, after = flat(without_release(one)), flat(without_release(other))
    ours = {a for a in {*before, *after} if not a.startswith(("aws_s3_object.", "terraform_data."))}
    return {a for a in ours if before.get(a) != after.get(a)}


def without_release(document: dict[str, Any]) -> dict[str, Any]:
    copy = deepcopy(document)
    for job in copy["resource"]["aws_glue_job"].values():
        del job["default_arguments"]["--bundle"], job["default_arguments"]["--release"]
    return copy


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
    ("file", "old", "new", "addresses"),
    [
        ("job.csv", "Dimensions and facts", "Dimensions and all facts", {"aws_glue_job.job_silver_to_gold"}),
        (
            "proc.csv",
            "silver_to_gold.py,1,2,90",
            "silver_to_gold.py,1,2,60",
            {"aws_glue_job.job_silver_to_gold"},
        ),
        (
            "job.csv",
            "R008,silver_to_gold,0 4 * * *,R007,batch,analytics",
            "R008,silver_to_gold,0 4 * * *,R007,batch,finance",
            {"aws_glue_job.job_silver_to_gold", "aws_iam_role.role_job_silver_to_gold"},
        ),
        (
            "proc_param.csv",
            'RP008,reads,"silver.customers,',
            'RP008,reads,"silver.fx_rates,silver.customers,',
            {"aws_iam_role_policy.policy_job_silver_to_gold"},
        ),
        (
            "job.csv",
            'analytics,"local,dev,staging,prod",Dimensions and facts,"2 retries',
            'analytics,"local,dev,staging,prod",Dimensions and facts,"3 retries',
            set(),
        ),
    ],
)
def test_a_changed_row_changes_only_resources_of_its_job(
    changed: Any, file: str, old: str, new: str, addresses: set[str]
) -> None:
    assert changed(file, old, new) == addresses


def test_a_row_that_names_one_more_table_may_read_it(tmp_path: Path) -> None:
    root = copied(tmp_path / "tree")
    path = root / "pipelines" / "retail" / "proc_param.csv"
    path.write_text(
        path.read_text().replace(
            'RP008,reads,"silver.customers,', 'RP008,reads,"silver.fx_rates,silver.customers,'
        )
    )
    rates = f"arn:aws:s3:::{names.table_uri(ENV, 'silver.fx_rates').removeprefix('s3://')}/part-0.parquet"
    assert policies_of(job_stack("prod", root), "silver_to_gold").allow("s3:GetObject", rates)


def test_the_sla_of_a_row_is_when_glue_reports_a_delay(tmp_path: Path) -> None:
    root = copied(tmp_path / "tree")
    with (root / "pipelines" / "retail" / "proc_param.csv").open("a") as file:
        file.write("RP008,sla_minutes,45,int,Gold is read at six,No\n")
    job = job_stack("prod", root)["resource"]["aws_glue_job"]["job_silver_to_gold"]
    assert (job["notification_property"], job["timeout"]) == ({"notify_delay_after": 45}, 90)


@pytest.mark.parametrize(
    ("pipeline", "job", "at_once"),
    [("kafka_traffic_pipeline", "traffic_data_clean", 3), ("kafka_to_lakebase",) * 2 + (1,)],
)
def test_the_cluster_of_a_config_overrides_the_environments(
    tmp_path: Path, pipeline: str, job: str, at_once: int
) -> None:
    """Of a stream there is one run at most, whatever its file says."""
    root = copied(tmp_path / "tree")
    path = root / "pipelines" / pipeline / "config.json"
    document = json.loads(path.read_text()) | {
        "job_cluster": {"workers": 7, "worker_type": "G.2X"},
        "max_concurrent_runs": 3,
    }
    path.write_text(json.dumps(document))
    made_of = job_stack("prod", root)["resource"]["aws_glue_job"][f"job_{job}"]
    assert (made_of["number_of_workers"], made_of["worker_type"]) == (7, "G.2X")
    assert made_of["execution_property"] == {"max_concurrent_runs": at_once}


def test_a_streaming_row_is_a_streaming_job_without_an_end(tmp_path: Path) -> None:
    root = copied(tmp_path / "tree")
    rows = {
        "job.csv": (
            "R005,kafka_csv_to_bronze,0 2 * * *,,batch",
            "R005,kafka_csv_to_bronze,continuous,,streaming",
        ),
        "proc.csv": ("kafka_csv_to_bronze,ingest,1,3,30", "kafka_csv_to_bronze,ingest,1,3,0"),
    }
    for name, (old, new) in rows.items():
        path = root / "pipelines" / "retail" / name
        path.write_text(path.read_text().replace(old, new))
    job = job_stack("prod", root)["resource"]["aws_glue_job"]["job_kafka_csv_to_bronze"]
    assert job["command"]["name"] == "gluestreaming"
    assert job["maintenance_window"] == ENV.glue.maintenance_window
    assert "timeout" not in job
    assert "notification_property" not in job
