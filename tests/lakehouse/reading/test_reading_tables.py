"""CSV files and drawn tables are read with the line of each record; what does not fit says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.reading.faults import Collector, Fault
from lakehouse.reading.located import CsvRow, read_csv

COLUMNS = ("job_id", "job_name", "retry_policy")


def read(root: Path, text: str | bytes) -> tuple[list[CsvRow], list[Fault]]:
    file = root / "job.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    faults = Collector(root)
    return read_csv(file, COLUMNS, faults), faults.faults


CASES = [
    ("", "LK006", 0, 0, "", ""),
    ("\n\n", "LK006", 0, 0, "", ""),
    ("job_id,job_nam,retry_policy\n1,a,x\n", "LK007", 1, 2, "job_nam", "job_name"),
    ("job_id,job_name,job_id\n1,a,x\n", "LK005", 1, 3, "job_id", ""),
    (
        'job_id,job_name,retry_policy\n1,"a\nb",x\n2,b,3 retries, backoff 5m\n',
        "LK008",
        4,
        0,
        "2,b,3 retries, backoff 5m",
        "",
    ),
    ('job_id,job_name,retry_policy\n1,"a"b,x\n', "LK002", 2, 0, "", ""),
    ('job_id,job_name,retry_policy\n1,"a,x\n', "LK002", 2, 0, "", ""),
    (b"job_id,job_name,retry_policy\n1,caf\xe9,x\n", "LK003", 2, 6, "0xe9", ""),
    ("| job_id | job_nam | retry_policy |\n|---|---|---|\n", "LK007", 1, 2, "job_nam", "job_name"),
    ("| job_id | job_name | retry_policy |\n|---|---|---|\n| 1 | a |\n", "LK008", 3, 0, "1,a", ""),
]


@pytest.mark.parametrize(
    ("text", "code", "line", "cell", "value", "nearest"),
    CASES,
    ids=[f"{c[1]}-{i}" for i, c in enumerate(CASES)],
)
def test_a_table_that_does_not_fit_is_one_fault_at_its_line(
    text: str | bytes, code: str, line: int, cell: int, value: str, nearest: str, tmp_path: Path
) -> None:
    _, faults = read(tmp_path, text)
    assert [(f.code, f.line, f.column, f.value, f.nearest) for f in faults] == [
        (code, line, cell, value, nearest)
    ]
    assert faults[0].wanted


def test_a_record_knows_the_line_it_starts_on_however_many_it_spans(tmp_path: Path) -> None:
    rows, faults = read(tmp_path, 'job_id,job_name,retry_policy\n1,"a\n\nb","x, ""y"""\n\n2,c,z')
    assert faults == []
    assert [(r.line, r.cells) for r in rows] == [
        (2, {"job_id": "1", "job_name": "a\n\nb", "retry_policy": 'x, "y"'}),
        (6, {"job_id": "2", "job_name": "c", "retry_policy": "z"}),
    ]


@pytest.mark.parametrize("row", ["| 1 |  |  |", "|1|||"], ids=["spaced", "tight"])
def test_the_last_cells_of_a_drawn_table_may_be_empty(row: str, tmp_path: Path) -> None:
    rows, faults = read(tmp_path, f"| job_id | job_name | retry_policy |\n|:--|---|--:|\n{row}\n")
    assert faults == []
    assert [(r.line, list(r.cells.values())) for r in rows] == [(3, ["1", "", ""])]


def test_a_cell_of_ten_megabytes_is_a_fault_and_not_a_traceback(tmp_path: Path) -> None:
    _, faults = read(tmp_path, "job_id,job_name,retry_policy\n1," + "x" * 10_000_000 + ",y\n")
    assert [f.code for f in faults] == ["LK002"]
    assert len(str(faults[0])) < 400
