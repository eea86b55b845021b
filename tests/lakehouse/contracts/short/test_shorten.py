"""Each contract of the project has a short form that stands for the same contract and the same rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.contracts import Suite, load_schemas
from lakehouse.contracts.files import read_table_files, stated_tables
from lakehouse.contracts.short.shorten import shorten
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector

ROOT = project_root()
TABLES = stated_tables(ROOT)


def rules(suite: Suite) -> list[str]:
    """The rules in one order; the order of a set of columns says nothing."""
    return sorted(
        repr(
            (
                e.type,
                {k: sorted(v) if k == "column_set" else v for k, v in e.kwargs.items()},
                e.severity,
                e.why,
            )
        )
        for e in suite.expectations
    )


def short_text(table: str) -> str:
    files = read_table_files(TABLES[table], Collector(ROOT))
    assert files.contract is not None
    assert files.suite is not None
    return shorten(table, files.contract.value, files.suite.value)


def test_short_forms_of_all_tables_read_as_the_long_ones(tmp_path: Path) -> None:
    for layer in ("bronze", "silver", "gold"):
        (tmp_path / "schemas" / layer).mkdir(parents=True)
    for table in TABLES:
        (tmp_path / "schemas" / f"{table.replace('.', '/')}.yml").write_text(
            short_text(table), encoding="utf-8"
        )
    short, long = load_schemas(tmp_path), load_schemas(ROOT)
    assert short.contracts == long.contracts
    for table, suite in long.suites.items():
        assert rules(short.suites[table]) == rules(suite), table


@pytest.mark.parametrize("table", ["bronze.crm_accounts", "gold.dim_customer"])
def test_column_is_a_line(table: str) -> None:
    contract, lines = load_schemas(ROOT).contracts[table], short_text(table).splitlines()
    for column in contract.columns:
        assert sum(line.startswith(f"  {column.name}: ") for line in lines) == 1
