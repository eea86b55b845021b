"""A team's own project, from its facts to what runs and is deployed.

It has other names, environments, tables and pipelines.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.terraform.error import ToolError
from infra.terraform.program import terraform
from lakehouse.project import project_root
from tests.mwaa_dags.real_airflow import NEWEST, Airflow, lay_out, missing
from tests.project.second_project import (
    ENVIRONMENTS,
    NAME,
    NEW_PIPELINES,
    RULES,
    TENANTS,
    SecondProject,
)
from tests.project.usage_out import PIPELINE, PUBLISHES, STREAM, published


def test_facts_are_sound(project: SecondProject) -> None:
    assert f"sound: {len(ENVIRONMENTS) + 1} environments" in project.command("lakehouse", "validate")
    jobs = {row["job"]: row["environments"] for row in project.json("jobs")}
    assert jobs["monthly_usage"] == "local, test, prod-eu"
    assert jobs["daily_usage"] == "local, test, uat, prod-eu"


def test_pipelines_run_and_gold_answers(
    loaded: SecondProject, computed: dict[str, Any], billed: dict[str, Any]
) -> None:
    outcomes = {**computed, **billed}
    assert {job: o["status"] for job, o in outcomes.items()} == dict.fromkeys(
        [
            "meters_to_bronze",
            "daily_usage",
            "daily_usage_gate",
            "monthly_usage",
            "monthly_gate",
            "monthly_register",
        ],
        "done",
    )
    ingest = outcomes["meters_to_bronze"]
    assert (ingest["rows in"], ingest["written"], ingest["quarantined"]) == (1008, 960, 48)
    sums = "SELECT count(*) AS n, sum(kwh) AS kwh FROM gold"
    (month,) = loaded.json("query", "--env", "local", f"{sums}.monthly_usage")
    (days,) = loaded.json("query", "--env", "local", f"{sums}.daily_usage")
    assert (month["n"], days["n"], month["kwh"]) == (20, 40, days["kwh"])


def test_columns_that_the_query_says_are_those_of_the_table_and_of_the_stack(
    loaded: SecondProject, billed: dict[str, Any], synthesized: Path
) -> None:
    """The contract of gold.monthly_usage states neither its types nor where they come from."""
    files = sorted(file.name for file in (loaded.root / "schemas/gold").glob("monthly_usage.*"))
    assert files == ["monthly_usage.columns.json", "monthly_usage.yml"]
    contract = yaml.safe_load((loaded.root / "schemas/gold/monthly_usage.yml").read_text())
    assert contract["derive"] is True
    lines = contract["columns"]
    assert lines["meter_id"] == "derived pattern=^M-[0-9]{4}$ | Number of the meter."
    assert lines["usage_month"] == "derived | First day of the month."
    shown = loaded.command("lakehouse", "contracts", "expand", "gold.monthly_usage").partition("---")[0]
    assert json.loads(shown)["properties"] == RULES
    assert billed["monthly_usage"]["status"] == "done"
    described = "DESCRIBE SELECT meter_id, usage_month, kwh FROM gold.monthly_usage"
    sql = f"SELECT column_name, column_type FROM ({described})"
    columns = {row["column_name"]: row["column_type"] for row in loaded.json("query", "--env", "local", sql)}
    assert columns == {"meter_id": "VARCHAR", "usage_month": "DATE", "kwh": "DECIMAL(18,3)"}
    stack = (synthesized / "cdk.tf.json").read_text(encoding="utf-8")
    assert f"{NAME}-prod-eu-job-monthly_usage" in stack


@pytest.mark.parametrize(
    "pipeline",
    [
        pytest.param(name, marks=[pytest.mark.slow] if kind == "batch" else [])
        for name, kind in NEW_PIPELINES.items()
        if kind != "streaming"
    ],
)
def test_new_pipeline_of_a_template_fills_its_table(
    loaded: SecondProject, computed: dict[str, Any], pipeline: str
) -> None:
    assert computed["daily_usage"]["status"] == "done"
    assert {o["status"] for o in loaded.outcomes(pipeline).values()} == {"done"}
    (rows,) = loaded.json("query", "--env", "local", f"SELECT sum(row_count)::INT AS n FROM gold.{pipeline}")
    assert rows["n"] == 40


@pytest.fixture(scope="module")
def followed(loaded: SecondProject, computed: dict[str, Any]) -> dict[str, Any]:
    """The outcomes of two streams and two publishes, after messages of the guide and one that is no event."""
    assert computed["daily_usage"]["status"] == "done"
    guide = (project_root() / "docs" / "guides" / "new-pipeline.md").read_text(encoding="utf-8")
    (producer,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    for topic in ("door_events", "lamp_events"):
        broken = f'producer.produce("{topic}", value=b"no event")\nproducer.flush()\n'
        loaded.script(producer.replace("my_topic", topic) + broken)
    return loaded.outcomes("door_events", PIPELINE)


def test_new_stream_fills_its_table_from_the_topic_of_the_guide(followed: dict[str, Any]) -> None:
    (done,) = [outcome for job, outcome in followed.items() if job.startswith("door_events")]
    assert (done["status"], done["rows in"], done["written"], done["quarantined"]) == ("done", 2, 1, 1)


def test_one_file_follows_a_topic_and_publishes_to_both_warehouses(
    loaded: SecondProject, followed: dict[str, Any], synthesized: Path
) -> None:
    done = followed[STREAM]
    assert (done["status"], done["rows in"], done["written"], done["quarantined"]) == ("done", 2, 1, 1)
    assert {job: (followed[job]["status"], followed[job]["written"]) for job in PUBLISHES} == dict.fromkeys(
        PUBLISHES, ("done", 40)
    )
    sql = "SELECT meter_id, usage_date::TEXT, kwh::TEXT FROM gold.daily_usage ORDER BY 1, 2"
    gold = [list(row.values()) for row in loaded.json("query", "--env", "local", sql)]
    assert published(loaded, "redshift") == published(loaded, "snowflake") == gold
    stack = json.loads((synthesized / "cdk.tf.json").read_text(encoding="utf-8"))
    commands = {job["name"]: job["command"]["name"] for job in stack["resource"]["aws_glue_job"].values()}
    assert commands[f"{NAME}-prod-eu-{STREAM}"] == "gluestreaming"
    assert {commands[f"{NAME}-prod-eu-{job}"] for job in PUBLISHES} == {"glueetl"}


def test_cases_of_its_pipelines_pass(project: SecondProject) -> None:
    for pipeline, table in {"meters": "gold.daily_usage", "meter_counts": "gold.meter_counts"}.items():
        results = project.json("pipeline", "test", pipeline)
        assert [(r["table"], r["passed"]) for r in results] == [(table, True)]


def test_stack_is_synthesized_with_its_own_names(synthesized: Path) -> None:
    text = (synthesized / "cdk.tf.json").read_text(encoding="utf-8")
    for name in (
        f"{NAME}-prod-eu-gold",
        f"{NAME}-prod-eu-job-meters_to_bronze",
        f"{NAME}-prod-eu-job-monthly_usage",
    ):
        assert name in text


def test_real_airflow_shows_its_dags(project: SecondProject, tmp_path: Path) -> None:
    if message := missing(NEWEST):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    home = tmp_path / "home"
    home.mkdir()
    airflow = Airflow(NEWEST, home, lay_out(tmp_path / "dags", project.root))
    answer = airflow.probe("structure", env={"LAKEHOUSE_ENV": "prod-eu"})
    assert answer["errors"] == {}
    assert set(answer["dags"]) == {
        "meters",
        "billing_monthly",
        "backfill",
        *NEW_PIPELINES,
        PIPELINE,
        f"{PIPELINE}_streaming",
    }
    listed = {row["dag"] for row in project.json("dags", "--env", "prod-eu")}
    assert listed == set(answer["dags"]) - {"backfill"}
    tasks = answer["dags"]["billing_monthly"]["tasks"]
    assert tasks["monthly_gate"]["upstream"] == ["monthly_usage"]


@pytest.mark.slow
def test_stack_is_deployed_to_the_embedded_aws(project: SecondProject) -> None:
    try:
        terraform()
    except ToolError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"nothing is deployed here: {error}")
    project.command("lakehouse", "local", "down")
    deployed = project.command("lakehouse", "deploy", "--env", "local", "--auto-approve", timeout=900)
    assert f"{NAME}-local-job-monthly_usage" in deployed


def test_nothing_holds_a_name_of_this_repository_s_project(synthesized: Path, project: SecondProject) -> None:
    texts = dict(project.texts())
    assert synthesized / "cdk.tf.json" in texts
    assert len(texts) > 20
    mentions = [
        f"{file.relative_to(project.root)}: {t}" for file, text in texts.items() for t in TENANTS if t in text
    ]
    assert mentions == []
