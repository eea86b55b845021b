"""The SQL of a published table and of its merge."""

from __future__ import annotations

from typing import Any

import pytest
import sqlglot

from glue_jobs.warehouses.sql_table import SqlTable, check_types, missing_columns, sql_table
from glue_jobs.warehouses.warehouse import Mode, WarehouseError
from lakehouse.contracts import Contract
from lakehouse.contracts.sink_types import REDSHIFT, SNOWFLAKE
from tests.glue_jobs.builders import contract

SALES: dict[str, Any] = {
    "id": {"type": "integer"},
    "day": {"type": "string", "format": "date"},
    "amount": {"type": ["number", "null"], "x-lake": {"type": "decimal(18,4)"}},
    "name": {"type": ["string", "null"], "maxLength": 10},
    "note": {"type": ["string", "null"]},
}


def sales(columns: dict[str, Any] = SALES, **lake: Any) -> Contract:
    facts = {"write": "recompute", "sequence": None, "recompute_by": "day", **lake}
    return contract("gold.sales", columns, **facts)


def redshift(of: Contract) -> SqlTable:
    return sql_table(of, '"gold"', REDSHIFT, str.lower)


def test_types_are_the_warehouses_own_and_names_have_its_case() -> None:
    assert redshift(sales()).types == {
        "id": "BIGINT",
        "day": "DATE",
        "amount": "NUMERIC(18,4)",
        "name": "VARCHAR(40)",
        "note": "VARCHAR(65535)",
    }
    snowflake = sql_table(sales(), '"A"."GOLD"', SNOWFLAKE, str.upper)
    assert snowflake.name == '"A"."GOLD"."SALES"'
    assert snowflake.columns == '"ID", "DAY", "AMOUNT", "NAME", "NOTE"'


def test_only_keys_are_not_null() -> None:
    table = redshift(sales())
    assert table.definition("id") == '"id" BIGINT NOT NULL'
    assert table.definition("day") == '"day" DATE'


@pytest.mark.parametrize(
    ("mode", "delete"),
    [
        ("merge", 'DELETE FROM "gold"."sales" USING "s" WHERE "gold"."sales"."id" = "s"."id"'),
        ("replace", 'DELETE FROM "gold"."sales"'),
        ("replace_days", 'DELETE FROM "gold"."sales" WHERE "day" IN (%s, %s)'),
    ],
)
def test_a_merge_deletes_what_it_replaces_and_then_inserts(mode: Mode, delete: str) -> None:
    (first, binds), (second, never) = redshift(sales()).merge('"s"', mode, 2)
    assert (first, binds, never) == (delete, mode == "replace_days", False)
    assert second.startswith('INSERT INTO "gold"."sales" ("id", "day", "amount", "name", "note") SELECT "id"')
    sqlglot.parse_one(second, read="redshift")


def test_a_table_without_days_cannot_be_published_by_days() -> None:
    with pytest.raises(WarehouseError, match=r"RUN403 gold\.sales: its contract has no recompute_by"):
        redshift(sales(write="merge", recompute_by=None, sequence="day")).merge('"s"', "replace_days", 1)


def test_a_type_that_no_column_holds_is_an_error_that_names_it() -> None:
    tags = {"type": ["array", "null"], "x-lake": {"type": "array<string>"}}
    with pytest.raises(
        WarehouseError, match=r"gold\.sales\.tags: no column of a warehouse can hold array<string>"
    ):
        redshift(sales({**SALES, "tags": tags}))


def test_columns_that_the_published_table_lacks_are_named_whatever_their_case() -> None:
    assert missing_columns(redshift(sales()), ["ID", "Day", "amount"]) == ["name", "note"]
    with pytest.raises(WarehouseError, match="lacks key column id"):
        missing_columns(redshift(sales()), ["day"])


def test_every_column_of_another_type_is_named() -> None:
    table = redshift(sales())
    check_types(table, {"id": "bigint"}, {"id": "bigint", "day": "date"})
    with pytest.raises(WarehouseError, match="id is integer, the contract wants bigint; day is text"):
        check_types(table, {"id": "integer", "day": "text"}, {"id": "bigint", "day": "date"})
