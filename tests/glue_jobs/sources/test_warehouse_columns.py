"""Columns of a warehouse's table that differ from those of the contract."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from glue_jobs.contract import align_to_schema
from glue_jobs.errors import RunError
from glue_jobs.sources.source import Source, SourceError
from tests.glue_jobs.sources.systems import (
    WarehouseTable,
    add,
    rows_of,
    table_contract,
    whole,
)

JAN = date(2017, 1, 31)


def test_reordered_and_extra_columns_do_no_harm(table: WarehouseTable, source: Source) -> None:
    table.run(
        "CREATE TABLE {t} (updated_at TIMESTAMP, shoe_size BIGINT, note VARCHAR(9), "
        "amount NUMERIC(18,2), id BIGINT, name VARCHAR(9))"
    )
    table.run("INSERT INTO {t} VALUES ('2017-01-01 00:00:00', 44, 'note', 1, 7, 'name')")
    extract = whole(source)
    assert [name.lower() for name in extract.extra_columns] == ["shoe_size"]
    assert rows_of(extract.rows, "id", "name", "amount", "note") == [(7, "name", Decimal("1.00"), "note")]


def test_a_column_that_may_be_missing_is_null(table: WarehouseTable, source: Source) -> None:
    table.run("CREATE TABLE {t} (id BIGINT, name VARCHAR(9), updated_at TIMESTAMP)")
    add(table, "2017-01-01 00:00:00")
    extract = whole(source)
    assert extract.missing_columns == ("amount", "note")
    aligned = align_to_schema(extract.rows, table_contract(table), text=False)
    assert rows_of(aligned, "id", "amount", "note") == [(1, None, None)]


def test_a_renamed_column_is_an_error_that_names_both(table: WarehouseTable, source: Source) -> None:
    table.run("CREATE TABLE {t} (idx BIGINT, name VARCHAR(9), updated_at TIMESTAMP)")
    with pytest.raises(SourceError, match=r"(?i)lacks column 'id' \(it has 'idx'\)") as fault:
        source.plan(None, JAN)
    assert fault.value.code == "RUN102"


def test_a_retyped_column_is_an_error_and_never_cast(table: WarehouseTable, source: Source) -> None:
    table.run("CREATE TABLE {t} (id VARCHAR(9), name VARCHAR(9), updated_at TIMESTAMP)")
    table.run("INSERT INTO {t} VALUES ('1', 'n', '2017-01-01 00:00:00')")
    with pytest.raises(RunError, match="id: the source has string, the contract bigint"):
        align_to_schema(whole(source).rows, table_contract(table), text=False)


def test_a_table_that_does_not_exist_is_an_error_that_names_it(table: WarehouseTable, source: Source) -> None:
    with pytest.raises(SourceError, match=f"{table.name} does not exist") as fault:
        source.plan(None, JAN)
    assert fault.value.code == "RUN103"
