"""Files that somebody mistyped: they load with all their rows, or are refused with file and line.

Never a traceback, never a lost row.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.pipelines import Pipeline
from lakehouse.reading.faults import Fault
from tests.lakehouse.pipelines.loans import JOB, PARAM, PROC, Tree, as_csv, cells, read

TEXTS = {"job": as_csv(cells(JOB)), "proc": as_csv(cells(PROC)), "proc_param": as_csv(cells(PARAM))}
DRAWN = {"job": JOB, "proc": PROC, "proc_param": PARAM}
# Of the file as a whole: unreadable, not CSV, not UTF-8, no header.
WHOLE = {"LK001", "LK006"}
# Jobs, procs and parameters of the pipeline.
WHOLE_SIZES = (6, 6, 9)
KEYS = {"job_id", "proc_id", "job_name", "dependencies", "schedule"}
CHARS = st.sampled_from(list(",\"|\n\r\t \\{}()'-_:;#*/0179aZ\0\x1c\u2028é😀"))
FILES = st.sampled_from(sorted(TEXTS))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree(tmp_path_factory.mktemp("loans"))


def load(
    tree: Tree, changed: dict[str, str | bytes], base: dict[str, str] = TEXTS
) -> tuple[dict[str, Pipeline], list[Fault]]:
    for file, text in {**base, **changed}.items():
        tree.write(file, text)
    return read(tree.root)


def sizes(found: dict[str, Pipeline]) -> tuple[int, int, int]:
    jobs = found["loans"].jobs
    return len(jobs), sum(len(j.procs) for j in jobs), sum(len(j.params) for j in jobs)


def is_located(fault: Fault) -> bool:
    """Whether a fault says its file and line, and what was expected there."""
    file = re.fullmatch(r"pipelines/loans/(job|proc|proc_param)\.csv", fault.file)
    return bool(file and (fault.line or fault.code in WHOLE) and fault.wanted)


@settings(max_examples=150, deadline=None)
@given(
    file=FILES, at=st.floats(0, 1), new=st.text(CHARS, max_size=2), cut=st.integers(0, 2), drawn=st.booleans()
)
def test_a_slip_of_the_keyboard(tree: Tree, file: str, at: float, new: str, cut: int, drawn: bool) -> None:
    base = DRAWN if drawn else TEXTS
    text = base[file]
    place = int(at * len(text))
    found, faults = load(tree, {file: text[:place] + new + text[place + cut :]}, base)
    assert [fault for fault in faults if not is_located(fault)] == []
    assert faults or sizes(found) == WHOLE_SIZES


@settings(max_examples=100, deadline=None)
@given(file=FILES, junk=st.binary(max_size=200), at=st.floats(0, 1))
def test_bytes_of_any_kind(tree: Tree, file: str, junk: bytes, at: float) -> None:
    raw = TEXTS[file].encode()
    place = int(at * len(raw))
    _, faults = load(tree, {file: raw[:place] + junk + raw[place:]})
    for fault in faults:
        assert fault.line or fault.code in WHOLE
        assert "\n" not in str(fault)
        assert str(fault).isprintable()


@settings(max_examples=100, deadline=None)
@given(file=FILES, row=st.integers(1, 9), column=st.integers(0, 20), cell=st.text(max_size=30))
def test_a_cell_of_any_text_is_read_as_that_text_or_refused_at_its_place(
    tree: Tree, file: str, row: int, column: int, cell: str
) -> None:
    table = [list(r) for r in cells(DRAWN[file])]
    row, column = min(row, len(table) - 1), column % len(table[0])
    table[row][column] = cell
    found, faults = load(tree, {file: as_csv(table, quote=True)})
    assert [fault for fault in faults if not is_located(fault)] == []
    assert faults or sizes(found) == WHOLE_SIZES
    if not faults and table[0][column] == "description":
        assert found["loans"].jobs
        assert cell.strip() in [j.description for j in found["loans"].jobs]
    if faults and table[0][column] not in KEYS:
        # A key that others point to may be missed elsewhere; any other cell is refused where it stands.
        assert {(f.file, f.line) for f in faults} == {(f"pipelines/loans/{file}.csv", line_of(table, row))}


def line_of(table: list[list[str]], row: int) -> int:
    return as_csv(table[:row], quote=True).count("\n") + 1


@settings(max_examples=30, deadline=None)
@given(orders=st.tuples(st.permutations(range(6)), st.permutations(range(6)), st.permutations(range(9))))
def test_rows_in_any_order_are_the_same_jobs(
    tree: Tree, orders: tuple[list[int], list[int], list[int]]
) -> None:
    plain, _ = load(tree, {})
    changed: dict[str, str | bytes] = {}
    for file, order in zip(TEXTS, orders, strict=True):
        head, *body = cells(DRAWN[file])
        changed[file] = as_csv([head, *(body[i] for i in order)])
    found, faults = load(tree, changed)
    assert faults == []

    def by_name(p: Pipeline) -> dict[str, object]:
        return {j.name: (j.depends_on, j.procs, set(j.params), j.schedule, j.retry) for j in p.jobs}

    assert by_name(found["loans"]) == by_name(plain["loans"])
