"""The loan pipelines' tables load as their owners wrote them, drawn with pipes or as RFC 4180."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lakehouse.pipelines import Pipeline
from lakehouse.pipelines.model import Retry
from lakehouse.pipelines.params import evaluate
from tests.lakehouse.pipelines.loans import JOB, PARAM, PROC, Table, Tree, as_csv, cells, read


@pytest.fixture
def loans(tmp_path: Path) -> Pipeline:
    pipelines, faults = Tree(tmp_path).read()
    assert faults == []
    return pipelines["loans"]


def test_each_cell_of_a_job_row_is_read_as_it_was_meant(loans: Pipeline) -> None:
    job = loans.job("bronze_transform")
    assert (job.job_id, job.schedule, job.kind, job.owner) == ("J003", "0 4 * * *", "batch", "data_eng_team")
    assert job.environments == ("dev", "prod")
    assert job.retry == Retry(3, 300)
    assert job.failure_notification == "slack@company.com"
    assert job.description == "Bronze layer transformation for raw loan datasets"
    assert [(p.proc_id, p.path, p.timeout_minutes, p.scheduler, p.retry_count) for p in job.procs] == [
        ("P003", "src/transformation/bronze/bronze_loan_raw.sql", 120, "Airflow", 2)
    ]


def test_the_jobs_stand_in_an_order_in_which_they_may_run(loans: Pipeline) -> None:
    names = [j.name for j in loans.jobs]
    assert all(names.index(d) < names.index(j.name) for j in loans.jobs for d in j.depends_on)
    assert [sorted(j.name for j in wave) for wave in loans.levels()] == [
        ["ingest_loan_applications", "streaming_loan_events"],
        ["ingest_loan_book"],
        ["bronze_transform"],
        ["silver_transform"],
        ["gold_kpi_aggregation"],
    ]


def test_a_timeout_of_0_is_continuous(loans: Pipeline) -> None:
    assert [(j.name, j.timeout_minutes) for j in loans.jobs if j.continuous] == [("streaming_loan_events", 0)]


def test_parameters_are_those_of_the_logical_date(loans: Pipeline) -> None:
    values = {
        p.name: evaluate(p, run_date=date(2017, 3, 1), run_id="r1", job_name=j.name)
        for j in loans.jobs
        for p in j.params
        if not p.secure
    }
    assert values == {
        "start_date": date(2017, 2, 28),
        "end_date": date(2017, 3, 1),
        "partition_date": date(2017, 3, 1),
        "batch_id": "r1",
        "kpi_window_days": 30,
        "kafka_topic": "loan_events",
        "checkpoint_path": "/mnt/checkpoints/loan",
        "job_name": "bronze_transform",
    }
    assert [(p.name, p.secret_name) for j in loans.jobs for p in j.params if p.secure] == [
        ("sensitive_api_key", "api_key")
    ]


def with_descriptions(table: Table) -> Table:
    return [[*row, "description" if i == 0 else ""] for i, row in enumerate(table)]


def backwards(table: Table) -> Table:
    return [row[::-1] for row in table]


SPELLINGS = {
    "drawn": (JOB, PROC, PARAM),
    "drawn, with aligned rules and wide cells": tuple(
        t.replace("|---", "| :---: ").replace(" | ", "   |   ") for t in (JOB, PROC, PARAM)
    ),
    "quoted everywhere": tuple(as_csv(cells(t), quote=True) for t in (JOB, PROC, PARAM)),
    "Windows line ends and a byte order mark": tuple(
        "\ufeff" + as_csv(cells(t), end="\r\n") for t in (JOB, PROC, PARAM)
    ),
    "columns the other way round": tuple(as_csv(backwards(cells(t))) for t in (JOB, PROC, PARAM)),
    "the description column there and empty": (
        as_csv(cells(JOB)),
        *(as_csv(with_descriptions(cells(t))) for t in (PROC, PARAM)),
    ),
    "blank lines between the rows": tuple(as_csv(cells(t)).replace("\n", "\n\n") for t in (JOB, PROC, PARAM)),
    "no line end at the end": tuple(as_csv(cells(t)).rstrip("\n") for t in (JOB, PROC, PARAM)),
    "blanks around the cells": tuple(
        as_csv([[f" {c} " for c in row] for row in cells(t)]) for t in (JOB, PROC, PARAM)
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_the_tables_is_the_same_pipeline(
    spelling: str, loans: Pipeline, tmp_path: Path
) -> None:
    tree = Tree(tmp_path)
    for file, text in zip(("job", "proc", "proc_param"), SPELLINGS[spelling], strict=True):
        tree.write(file, text)
    assert read(tmp_path) == ({"loans": loans}, [])


def test_a_pipe_inside_a_drawn_cell_is_escaped(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.read()
    tree.write("job", JOB.replace("KPI computation & aggregation", r"KPI \| aggregation"))
    pipelines, faults = read(tmp_path)
    assert faults == []
    assert pipelines["loans"].job("gold_kpi_aggregation").description == "KPI | aggregation for dashboards"


def test_a_proc_waits_for_another_jobs_proc_even_where_its_job_row_does_not_say_so(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.set("job", 4, "dependencies", "J001")
    pipelines, faults = tree.read()
    assert faults == []
    assert pipelines["loans"].job("bronze_transform").depends_on == (
        "ingest_loan_applications",
        "ingest_loan_book",
    )


def test_the_tables_of_a_jobs_procs_are_gathered(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.proc.append(
        [
            "P007",
            "J003",
            "bronze_more",
            "src/bronze_d.sql",
            "2",
            "1",
            "10",
            "Airflow",
            "airflow_bronze_dag",
            "P003",
        ]
    )
    tree.touch("src/bronze_d.sql")
    tree.param += [
        ["P003", "writes", "bronze.a,bronze.b", "tables", "No"],
        ["P007", "writes", "bronze.c", "tables", "No"],
    ]
    pipelines, faults = tree.read()
    assert faults == []
    job = pipelines["loans"].job("bronze_transform")
    assert job.writes == ("bronze.a", "bronze.b", "bronze.c", "bronze.loan_raw", "bronze.d")
    assert ([p.proc_id for p in job.procs], job.timeout_minutes) == (["P003", "P007"], 130)
