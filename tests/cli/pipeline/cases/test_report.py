"""A failed case shows each value that differs beside the expected one; rows are paired by their key."""

from __future__ import annotations

import pytest

from cli.pipeline.cases.report import as_dict, differences, print_result
from cli.pipeline.cases.run import TableResult

RESULT = TableResult(
    "a_case",
    "gold.t",
    columns=("id", "kwh"),
    keys=("id",),
    missing=[("1", "2.0"), ("2", None)],
    unexpected=[("3", "9.0"), ("1", "2.5")],
    rows=2,
)


def test_rows_with_the_same_key_differ_by_value_and_others_as_a_whole() -> None:
    assert list(differences(RESULT)) == [
        ("id=1", "kwh", "2.0", "2.5"),
        ("id=2", "", "id=2, kwh=null", "(no row)"),
        ("id=3", "", "(no row)", "id=3, kwh=9.0"),
    ]


def test_machines_get_the_same_differences() -> None:
    document = as_dict(RESULT)
    assert (document["case"], document["table"], document["passed"]) == ("a_case", "gold.t", False)
    assert document["differences"][0] == {
        "row": "id=1",
        "column": "kwh",
        "expected": "2.0",
        "actual": "2.5",
    }


@pytest.mark.parametrize(
    ("result", "lines"),
    [
        (TableResult("a", "gold.t", rows=2), ["passed  a: gold.t, 2 rows"]),
        (TableResult("a", "gold.t", error="no [bold] table"), ["FAILED  a: gold.t", "no [bold] table"]),
    ],
)
def test_passed_and_broken_cases_are_one_line_each(
    result: TableResult, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    print_result(result)
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == lines


def test_failed_case_shows_expected_and_actual_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    print_result(RESULT)
    out = capsys.readouterr().out
    (row,) = [line for line in out.splitlines() if "2.5" in line]
    assert row.index("id=1") < row.index("kwh") < row.index("2.0") < row.index("2.5")
