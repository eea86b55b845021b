"""Jobs and suites are listed for people and for machines."""

from __future__ import annotations

import json

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.pipelines import load_pipelines
from tests.cli.calls import Call


def test_jobs_are_listed_for_people(lakehouse: Call) -> None:
    answer = lakehouse("jobs")
    assert answer.code == 0
    for job in load_pipelines()["retail"].jobs:
        assert job.name in answer.out


def test_jobs_are_listed_for_machines(lakehouse: Call) -> None:
    rows = json.loads(lakehouse("jobs", "--json").out)
    assert [r["job"] for r in rows] == [j.name for p in load_pipelines().values() for j in p.jobs]
    assert rows[0].keys() == {
        "pipeline",
        "job",
        "schedule",
        "after",
        "reads",
        "writes",
        "environments",
        "owner",
    }


def test_jobs_of_an_unknown_pipeline_are_refused(lakehouse: Call) -> None:
    answer = lakehouse("jobs", "--pipeline", "retial")
    assert answer.code == 2
    assert "did you mean 'retail'?" in answer.err


def test_a_suite_is_exported_as_json(lakehouse: Call) -> None:
    answer = lakehouse("dq", "export", "silver.orders")
    suite = json.loads(answer.out)
    assert answer.code == 0
    assert len(suite["expectations"]) >= len(load_schemas().suites["silver.orders"].expectations) - 2
    assert all(e["type"].startswith(("expect_", "unexpected_rows_")) for e in suite["expectations"])


@pytest.mark.parametrize(
    ("table", "hint"), [("silver.order", "did you mean 'silver.orders'?"), ("zzz", "there are bronze.")]
)
def test_a_suite_of_an_unknown_table_is_refused(table: str, hint: str, lakehouse: Call) -> None:
    answer = lakehouse("dq", "export", table)
    assert answer.code == 2
    assert hint in " ".join(answer.err.replace("│", " ").split())
