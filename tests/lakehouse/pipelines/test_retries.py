"""Two numbers say how often work is tried again.

Absurd ones and those that contradict each other are faults.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.pipelines import load_pipelines
from lakehouse.pipelines.cells import MAX_RETRIES
from lakehouse.pipelines.job_checks import check_job
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.pipelines.retries import waits
from lakehouse.reading.faults import Collector, Fault
from tests.lakehouse.pipelines.loans import Tree

JOB, PROC = "pipelines/loans/job.csv", "pipelines/loans/proc.csv"


def faults_of(tree: Tree) -> list[Fault]:
    tree.read()
    faults = Collector(tree.root)
    for job in read_pipelines(faults)["loans"].jobs:
        check_job(job, {}, [*job.reads, *job.writes], faults)
    return sorted(faults.faults)


def test_the_rows_of_the_loans_contradict_nothing(tmp_path: Path) -> None:
    assert faults_of(Tree(tmp_path)) == []


def test_a_job_tries_again_as_often_as_its_procs_say() -> None:
    jobs = load_pipelines()["loans"].jobs
    assert {j.job_id: (j.retry_count, j.retry.retries) for j in jobs} == {
        "J001": (3, 3),
        "J002": (3, 2),
        "J003": (2, 3),
        "J004": (2, 2),
        "J005": (2, 3),
        "J006": (5, 5),
    }


@pytest.mark.parametrize(
    ("file", "column", "value"),
    [
        ("proc", "retry_count", "99"),
        ("proc", "retry_count", str(MAX_RETRIES + 1)),
        ("proc", "retry_count", "-1"),
        ("proc", "retry_count", "two"),
        ("job", "retry_policy", "99 retries, backoff 5m"),
        ("job", "retry_policy", "3 retries, backoff 25h"),
    ],
)
def test_an_absurd_number_is_a_fault_of_its_cell(file: str, column: str, value: str, tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.set(file, 4, column, value)
    (fault,) = faults_of(tree)
    assert (fault.code, fault.file, fault.line, fault.value) == (
        "LK303",
        {"job": JOB, "proc": PROC}[file],
        4,
        value,
    )
    assert fault.column


def test_as_many_retries_as_are_allowed_are_taken(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.set("proc", 4, "retry_count", str(MAX_RETRIES))
    tree.set("job", 4, "retry_policy", f"{MAX_RETRIES} retries, backoff 24h")
    assert faults_of(tree) == []


def test_procs_of_one_job_with_different_counts_are_a_fault(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.proc.append(
        [
            "P007",
            "J003",
            "more",
            "src/transformation/bronze/bronze_more.sql",
            "2",
            "1",
            "9",
            "Airflow",
            "airflow_bronze_dag",
            "",
        ]
    )
    tree.touch("src/transformation/bronze/bronze_more.sql")
    (fault,) = faults_of(tree)
    assert (fault.code, fault.file, fault.line) == ("LK319", JOB, 4)
    assert "retry_count 2 and 1" in fault.what


def test_retries_that_the_timeout_cuts_off_are_a_fault(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.set("proc", 4, "retry_count", "10")
    tree.set("proc", 4, "timeout_minutes", "7")
    (fault,) = faults_of(tree)
    assert (fault.code, fault.line) == ("LK319", 4)
    assert "wait 435 seconds" in fault.what


def test_a_backoff_without_a_retry_is_a_fault(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.set("job", 4, "retry_policy", "0 retries, backoff 5m")
    assert [(f.code, f.line) for f in faults_of(tree)] == [("LK319", 4)]
    tree.set("job", 4, "retry_policy", "0 retries")
    assert faults_of(tree) == []


def test_waits_double_up_to_a_minute() -> None:
    assert [waits(n) for n in (0, 1, 2, 3, 4, 5, 6)] == [0, 5, 15, 35, 75, 135, 195]


def test_data_factory_schedules_copy_templates_only(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.set("proc", 4, "scheduler_type", "ADF")
    (fault,) = faults_of(tree)
    assert (fault.code, fault.file, fault.line, fault.value) == ("LK328", JOB, 4, "ADF")
