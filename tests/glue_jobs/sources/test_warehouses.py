"""Snowflake and Redshift tables, one specification for both."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from glue_jobs.contract import align_to_schema
from glue_jobs.sources.source import Source, SourceError
from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import (
    AWKWARD,
    PEOPLE,
    WarehouseTable,
    add,
    fill,
    rows_of,
    source_contract,
    source_of,
    table_contract,
    whole,
)

JAN = date(2017, 1, 31)


def test_rows_have_the_contracts_names_and_the_tables_types(table: WarehouseTable, source: Source) -> None:
    fill(table)
    table.run("INSERT INTO {t} VALUES (%s, %s, 2.50, NULL, '2017-01-01 12:34:56.789012')", 2**62, AWKWARD)
    extract = whole(source)
    assert not extract.text
    assert extract.rows.columns == ["id", "name", "amount", "note", "updated_at", "_source_position"]
    assert rows_of(extract.rows, "id", "name", "amount", "note") == [(2**62, AWKWARD, Decimal("2.50"), None)]
    assert rows_of(
        extract.rows.selectExpr("date_format(updated_at, 'yyyy-MM-dd HH:mm:ss.SSSSSS') t"), "t"
    ) == [("2017-01-01 12:34:56.789012",)]
    aligned = align_to_schema(extract.rows, table_contract(table), text=False)
    assert [kind for _, kind in aligned.dtypes[:5]] == [
        "bigint",
        "string",
        "decimal(18,2)",
        "string",
        "timestamp",
    ]


def test_a_run_reads_up_to_the_end_of_its_day(table: WarehouseTable, source: Source) -> None:
    fill(table, "2017-01-01 00:00:00", "2017-01-01 23:59:59.999999", "2017-01-02 00:00:00")
    first = source.plan(None, date(2017, 1, 1))
    assert first == {"high": "2017-01-01T23:59:59.999999+00:00", "overlap_rows": 1}
    assert rows_of(source.read(None, first).rows, "id") == [(1,), (2,)]
    assert source.plan(first, date(2017, 1, 1)) == first
    second = source.plan(first, date(2017, 1, 2))
    assert rows_of(source.read({"high": "2017-01-01T23:00:00+00:00"}, second).rows, "id") == [(2,), (3,)]


def test_rows_of_days_to_come_wait_and_are_counted(table: WarehouseTable, source: Source) -> None:
    fill(table, "2017-01-01 12:00:00", "2099-01-01 00:00:00", "2999-12-31 23:59:59", None)
    position = source.plan(None, JAN)
    assert rows_of(source.read(None, position).rows, "id") == [(1,), (4,)]
    assert source.ahead().startswith("2 rows of ")
    assert source.plan(position, JAN) == position
    assert source.ahead().startswith("2 rows of ")
    table.run("DELETE FROM {t} WHERE id IN (2, 3)")
    source.plan(position, JAN)
    assert source.ahead() == ""


def test_rows_committed_late_are_found_within_the_overlap(table: WarehouseTable, source: Source) -> None:
    fill(table, "2017-01-01 12:00:00")
    first = source.plan(None, JAN)
    add(table, "2017-01-01 11:00:00", "2017-01-01 11:00:00.000001", "2017-01-01 12:00:01", start=2)
    second = source.plan(first, JAN)
    assert rows_of(source.read(first, second).rows, "id") == [(1,), (3,), (4,)]
    add(table, "2017-01-01 12:00:02", start=5)
    assert rows_of(source.read(first, second).rows, "id") == [(1,), (3,), (4,)]


def test_rows_committed_late_are_read_though_no_row_is_newer(table: WarehouseTable, source: Source) -> None:
    fill(table, "2017-01-01 12:00:00")
    first = source.plan(None, JAN)
    assert source.plan(first, JAN) == first
    add(table, "2017-01-01 11:30:00", start=2)
    second = source.plan(first, JAN)
    assert second != first
    assert rows_of(source.read(first, second).rows, "id") == [(1,), (2,)]
    assert source.plan(second, JAN) == second


def test_rows_without_a_watermark_come_with_every_read(table: WarehouseTable, source: Source) -> None:
    fill(table, None)
    first = source.plan(None, JAN)
    assert first == {"high": None, "overlap_rows": 1}
    assert rows_of(source.read(None, first).rows, "id") == [(1,)]
    assert source.plan(first, JAN) == first
    add(table, "2017-01-05 00:00:00", start=2)
    second = source.plan(first, JAN)
    assert rows_of(source.read(first, second).rows, "id", "updated_at") == [
        (1, None),
        (2, datetime(2017, 1, 5)),
    ]


def test_an_empty_table_has_nothing_new(table: WarehouseTable, source: Source) -> None:
    fill(table)
    assert source.plan(None, JAN) is None


def test_a_field_of_ten_megabytes_comes_unharmed(table: WarehouseTable, source: Source) -> None:
    fill(table, columns="id BIGINT, name VARCHAR, amount NUMERIC(18,2), note VARCHAR, updated_at TIMESTAMP")
    table.run("INSERT INTO {t} SELECT 1, REPEAT('x', 10000000), 1, NULL, '2017-01-01 00:00:00'")
    assert rows_of(whole(source).rows.selectExpr("length(name) n"), "n") == [(10_000_000,)]


def test_moments_beyond_nanoseconds_and_zoned_ones_keep_their_instant(
    table: WarehouseTable, source: Source
) -> None:
    zoned = "TIMESTAMP_TZ" if table.kind == "snowflake" else "TIMESTAMPTZ"
    table.run(
        f"CREATE TABLE {{t}} (id BIGINT, name {zoned}, amount NUMERIC(18,2), "
        f"note TIMESTAMP, updated_at {zoned})"
    )
    table.run(
        "INSERT INTO {t} VALUES "
        "(1, '2017-01-01 02:00:00+02:00', 1, '9999-12-31 23:59:59', '2017-01-31 23:30:00-01:00'), "
        "(2, NULL, 1, NULL, '2017-01-31 23:30:00+00:00')"
    )
    until = source.plan(None, JAN)
    assert until == {"high": "2017-01-31T23:30:00+00:00", "overlap_rows": 1}
    rows = source.read(None, source.plan(None, date(2017, 2, 1))).rows
    assert rows_of(
        rows.selectExpr("id", "string(name)", "string(note)", "string(updated_at)"),
        "id",
        "name",
        "note",
        "updated_at",
    ) == [
        (1, "2017-01-01 00:00:00", "9999-12-31 23:59:59", "2017-02-01 00:30:00"),
        (2, None, None, "2017-01-31 23:30:00"),
    ]


def test_a_contract_without_a_watermark_cannot_be_read(
    spark: SparkSession, local_env: Environment, table: WarehouseTable
) -> None:
    fill(table)
    properties = {**PEOPLE, "name": {"type": ["string", "null"]}}
    blind = source_contract(table.kind, table.name, properties=properties)
    object.__setattr__(blind, "lake", blind.lake.model_copy(update={"watermark_column": None}))
    with pytest.raises(SourceError, match="no watermark column"):
        source_of(spark, local_env, blind).plan(None, JAN)
