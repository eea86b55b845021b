"""A team's own project, from its facts to what runs and is deployed.

It has other names, environments, tables and pipelines.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.terraform.error import ToolError
from infra.terraform.program import terraform
from tests.mwaa_dags.real_airflow import NEWEST, Airflow, lay_out, missing
from tests.project.second_project import ENVIRONMENTS, NAME, TENANTS, SecondProject

DAY = "2024-01-02"


@pytest.fixture(scope="module")
def loaded(project: SecondProject) -> Iterator[SecondProject]:
    """The project with a local platform of its own, and two days of its sample data."""
    project.command("lakehouse", "local", "up", "--idle-minutes", "10")
    days = ("--from", "2024-01-01", "--to", DAY)
    summary = project.json("sample", "load", "--env", "local", *days, "--dirt", "0.05")
    assert summary["rows"] == {"meter_readings": 20 * 24 * 2}
    assert summary["dirt"] == [{"source": "meter_readings", "kind": "no_meter", "rows": 48}]
    yield project
    project.command("lakehouse", "local", "down")


@pytest.fixture(scope="module")
def synthesized(project: SecondProject) -> Path:
    project.command("cdktf", "synth", "--env", "prod-eu")
    return project.root / "cdktf.out" / "stacks" / f"{NAME}-prod-eu"


def test_facts_are_sound(project: SecondProject) -> None:
    assert f"sound: {len(ENVIRONMENTS) + 1} environments" in project.command("lakehouse", "validate")
    jobs = {row["job"]: row["environments"] for row in project.json("jobs")}
    assert jobs["monthly_usage"] == "local, test, prod-eu"
    assert jobs["daily_usage"] == "local, test, uat, prod-eu"


def test_pipelines_run_and_gold_answers(loaded: SecondProject) -> None:
    outcomes: list[Any] = []
    for pipeline in ("meters", "billing"):
        outcomes += loaded.json("run", "--env", "local", "--pipeline", pipeline, "--run-date", DAY)
    assert {o["job"]: o["status"] for o in outcomes} == dict.fromkeys(
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
    ingest = outcomes[0]
    assert (ingest["rows in"], ingest["written"], ingest["quarantined"]) == (1008, 960, 48)
    sums = "SELECT count(*) AS n, sum(kwh) AS kwh FROM gold"
    (month,) = loaded.json("query", "--env", "local", f"{sums}.monthly_usage")
    (days,) = loaded.json("query", "--env", "local", f"{sums}.daily_usage")
    assert (month["n"], days["n"], month["kwh"]) == (20, 40, days["kwh"])


def test_cases_of_its_pipeline_pass(project: SecondProject) -> None:
    results = project.json("pipeline", "test", "meters")
    assert [(r["table"], r["passed"]) for r in results] == [("gold.daily_usage", True)]


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
    assert set(answer["dags"]) == {"meters_daily", "billing_monthly", "backfill"}
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
    found = [
        f"{file.relative_to(project.root)}: {t}" for file, text in texts.items() for t in TENANTS if t in text
    ]
    assert found == []
