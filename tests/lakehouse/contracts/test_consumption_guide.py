"""Every query of the consumption guide runs on tables with the columns of the contracts, in DuckDB."""

from __future__ import annotations

import re

import duckdb
import pytest

from lakehouse.contracts import load_schemas
from lakehouse.project import project_root

GUIDE = (project_root() / "docs/guides/consumption.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture(scope="module")
def gold() -> duckdb.DuckDBPyConnection:
    """The gold tables that the queries read, empty."""
    con = duckdb.connect()
    con.execute("CREATE SCHEMA gold")
    for contract in load_schemas().contracts.values():
        if contract.table in GUIDE and contract.layer == "gold":
            columns = ", ".join(f'"{name}" {kind}' for name, kind in contract.stored)
            con.execute(f"CREATE TABLE {contract.table} ({columns})")
    return con


@pytest.mark.parametrize("query", QUERIES)
def test_query_of_the_guide_runs(gold: duckdb.DuckDBPyConnection, query: str) -> None:
    assert gold.execute(query).fetchall() == []
    assert QUERIES
