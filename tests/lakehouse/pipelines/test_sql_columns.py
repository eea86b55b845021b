"""A column that exists nowhere is a fault at its line; what only Spark can tell is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from lakehouse.contracts import Contract, load_schemas
from lakehouse.pipelines import load_pipelines
from lakehouse.pipelines.sql import Statement, statements
from lakehouse.pipelines.sql_columns import column_faults
from lakehouse.project import project_root
from tests.glue_jobs.builders import contract

TRIPS = contract("silver.trips")
COLUMNS: dict[str, Any] = {"id": {"type": "integer"}, "n": {"type": ["integer", "null"]}}
DAYS = contract("gold.days", COLUMNS, sequence="id")
CONTRACTS = {"silver.trips": TRIPS, "gold.days": DAYS}


def faults(query: str, contracts: dict[str, Contract] = CONTRACTS) -> list[str]:
    text = f"CREATE TABLE gold.days AS\n{query}"
    (statement,) = statements(text)
    return [
        f"{fault.code} {statement.position(text, fault.offset)[0]} {fault.message}"
        for fault in column_faults(statement, contracts)
    ]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id, count(*) AS n FROM silver.trips GROUP BY ALL",
        "SELECT t.id, length(t.value) AS n FROM silver.trips t",
        "WITH a AS (SELECT id AS i, 1 AS one FROM silver.trips) SELECT a.i AS id, one AS n FROM a",
        "WITH a(i, m) AS (SELECT id, 1 FROM silver.trips) SELECT i AS id, m AS n FROM a",
        "SELECT id, n FROM (SELECT id, 2 AS n FROM silver.trips)",
        "SELECT length(value) AS id, id AS n FROM silver.trips",
        "SELECT id, e AS n FROM silver.trips LATERAL VIEW explode(array(1, 2)) x AS e",
        "SELECT id, col AS n FROM silver.trips LATERAL VIEW explode(array(1, 2))",
        "SELECT id, size(filter(array(1), x -> x > 0)) AS n FROM silver.trips",
        "SELECT id, timestampdiff(MINUTE, changed_at, changed_at) AS n FROM silver.trips",
        "SELECT id, n FROM (SELECT id, row_number() OVER w AS n FROM silver.trips WINDOW w AS (ORDER BY id))",
        "SELECT id, named_struct('a', 1).a AS n FROM silver.trips",
        "SELECT ID, VALUE AS n FROM silver.trips",
        "SELECT *, 1 AS n FROM silver.trips",
        "SELECT id, n, CAST(NULL AS string) AS _reject FROM VALUES (1, 2) v(id, n)",
        "SELECT a.id, b.id AS n FROM silver.trips a JOIN silver.trips b USING (id)",
    ],
)
def test_sound_queries_have_no_fault(query: str) -> None:
    assert faults(query) == []


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        (
            "SELECT id,\n valu AS n FROM silver.trips",
            "LK246 3 names 'valu', which is no column of what it reads",
        ),
        ("SELECT t.id, t.valu AS n FROM silver.trips t", "LK246 2 names 'valu', which t does not have"),
        (
            "SELECT id, 1 AS n FROM silver.trips\nWHERE 1 IN (SELECT 1 FROM silver.trips u WHERE u.idd = 2)",
            "LK246 3 names 'idd', which u does not have",
        ),
        ("SELECT id, 1 AS n FROM silver.trips ORDER BY nowhere", "LK246 2 names 'nowhere', which is no"),
        ("SELECT id FROM silver.trips", "LK341 2 gives no column n"),
        ("SELECT id, 1 AS n, 2 AS m FROM silver.trips", "LK341 2 gives column m, which its contract lacks"),
    ],
)
def test_a_name_that_exists_nowhere_is_a_fault_at_its_line(query: str, fault: str) -> None:
    (text,) = faults(query)
    assert text.startswith(fault)


def test_an_input_with_a_fault_of_its_own_is_no_second_one() -> None:
    assert faults("SELECT id, nowhere AS n FROM silver.trips", {"gold.days": DAYS}) == []


def shipped() -> Iterator[tuple[Path, Statement]]:
    root = project_root()
    files = {p.file for pipe in load_pipelines().values() for job in pipe.jobs for p in job.procs}
    for file in sorted(f for f in files if f.endswith(".sql")):
        for statement in statements((root / file).read_text()):
            if statement.query:
                yield root / file, statement


def test_every_column_of_the_shipped_queries_is_missed_when_its_name_is_another() -> None:
    contracts = load_schemas().contracts
    tried = 0
    for _, statement in shipped():
        assert list(column_faults(statement, contracts)) == []
        tree: Any = sqlglot.parse_one(statement.query, dialect="spark")
        # Fields of structs are known to Spark alone.
        columns = [c for c in tree.find_all(exp.Column) if len(c.parts) < 3 and c.parts[0].name != "said"]
        starts = {c.parts[-1].meta.get("start") for c in columns} - {None}
        for start in sorted(starts):
            changed = f"{statement.query[:start]}nowhere_{statement.query[start:]}"
            if changed[start + 8 : start + 9] in '`"':
                continue
            tried += 1
            mutant = Statement(statement.line, statement.layer, statement.table, changed, statement.reads)
            assert any("nowhere_" in fault.message for fault in column_faults(mutant, contracts)), changed
    assert tried > 100
