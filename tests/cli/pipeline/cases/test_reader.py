"""A case that cannot be read is a fault with file and line; the other cases are read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cli.pipeline.cases.reader import Case, read_cases
from lakehouse.contracts import load_schemas
from lakehouse.pipelines import load_pipelines
from lakehouse.reading.faults import Collector, Fault
from tests.cli.pipeline.pipeline_tree import Tree

CASE = "pipelines/counts/tests/rows_are_counted"
INPUT, EXPECTED = f"{CASE}/input/silver.orders.jsonl", f"{CASE}/expected/gold.counts.jsonl"


@pytest.fixture
def counts(tree: Tree) -> Tree:
    """A pipeline of the Python template, which has one case."""
    tree.add("counts", "python")
    return tree


def read(tree: Tree) -> tuple[list[Case], list[Fault]]:
    faults = Collector(tree.root)
    pipeline = load_pipelines(tree.root)["counts"]
    return read_cases(pipeline, load_schemas(tree.root).contracts, faults), faults.faults


def test_case_of_the_template_has_its_rows_its_parameter_and_its_job(counts: Tree) -> None:
    (case,), faults = read(counts)
    assert faults == []
    assert (case.name, case.run_date, case.params) == (
        "rows_are_counted",
        date(2024, 1, 1),
        {"least_rows": "2"},
    )
    assert [len(rows) for rows in (*case.inputs.values(), *case.expected.values())] == [3, 1]
    assert case.jobs["gold.counts"].name == "counts"


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        (INPUT, '{"curency": "EUR"}\n', f"{INPUT}:1: LK101 unknown column 'curency'"),
        (INPUT, '{"currency": "EUR"}\n[1]\n', f"{INPUT}:2: LK002 is no row: it is no JSON object"),
        (INPUT, '\n{"currency": \n', f"{INPUT}:2: LK002 is no row: no JSON"),
        (
            INPUT,
            '{"currency": "EUR", "currency": "USD"}',
            f"{INPUT}:1: LK002 is no row: its key 'currency' stands",
        ),
        (INPUT, '{"currency": NaN}', f"{INPUT}:1: LK002 is no row: no JSON: NaN is no number"),
        (INPUT, '{"currency": "\\ud83d"}', f"{INPUT}:1: LK002 is no row: no JSON: half of a character"),
        (f"{CASE}/input/silver.order.jsonl", "{}\n", "LK308 'silver.order' is no table"),
        (f"{CASE}/expected/gold.fact_sales.jsonl", "{}\n", "LK308 no function of pipeline 'counts' makes"),
        (f"{CASE}/case.yml", "run_dat: 2024-01-31\n", f"{CASE}/case.yml:1:1: LK101 unknown key 'run_dat'"),
        (f"{CASE}/case.yml", "run_date: 2024-02-30\n", f"{CASE}/case.yml:1:11: LK103 run_date"),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_its_line(counts: Tree, file: str, text: str, fault: str) -> None:
    counts.write(file, text)
    _, faults = read(counts)
    assert len(faults) == 1
    assert fault in str(faults[0])


def test_nearest_column_is_suggested(counts: Tree) -> None:
    counts.write(INPUT, '{"curency": "EUR"}\n')
    assert "did you mean 'currency'?" in str(read(counts)[1][0])


def test_case_without_expected_rows_is_a_fault(counts: Tree) -> None:
    (counts.root / EXPECTED).unlink()
    _, (fault,) = read(counts)
    assert str(fault).startswith(f"{CASE}: LK308 no rows are expected")


def test_broken_case_does_not_hide_the_others(counts: Tree) -> None:
    other = Path("pipelines/counts/tests/another")
    counts.write(f"{other}/expected/gold.counts.jsonl", '{"row_count": 1}\n')
    counts.write(f"{CASE}/case.yml", "more: 1\n")
    cases, faults = read(counts)
    assert [case.name for case in cases] == ["another"]
    assert [fault.code for fault in faults] == ["LK101"]


def test_folders_that_begin_with_a_dot_or_an_underscore_are_no_cases(counts: Tree) -> None:
    for name in (".idea", "__pycache__"):
        counts.write(f"pipelines/counts/tests/{name}/x.txt", "")
    cases, faults = read(counts)
    assert ([case.name for case in cases], faults) == (["rows_are_counted"], [])
