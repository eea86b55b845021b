"""The Lakebase's tables are the contracts', and hold every value as it was."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from pyspark.sql import functions as F

from glue_jobs.connections.postgres import LakebaseError
from glue_jobs.errors import RunError
from tests.glue_jobs.sources.systems import AWKWARD, unique
from tests.glue_jobs.warehouses.lakebase import EVENTS, Lakebase
from tests.glue_jobs.warehouses.postgres_values import ALL, DDL, VALUES, number, real


def test_every_type_comes_back_as_it_was(lakebase: Lakebase) -> None:
    lakebase.contract = lakebase.of(ALL, sequence=None, delete_flag=None)
    rows = lakebase.spark.createDataFrame(VALUES, DDL)
    assert lakebase.writer.upsert(lakebase.contract, rows, stream=lakebase.stream, batch=0) == len(VALUES)
    assert lakebase.run(f"SELECT {', '.join(ALL)} FROM {{t}} ORDER BY id") == VALUES


def test_columns_have_the_contracts_types_key_and_words(lakebase: Lakebase) -> None:
    spoken = {**ALL, "text": {**ALL["text"], "description": AWKWARD}}
    lakebase.contract = lakebase.of(spoken, sequence=None, delete_flag=None)
    lakebase.writer.upsert(
        lakebase.contract, lakebase.spark.createDataFrame([], DDL), stream=lakebase.stream, batch=0
    )
    columns = lakebase.run(
        "SELECT attname, format_type(atttypid, atttypmod), attnotnull, "
        "col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = '{t}'::regclass AND attnum > 0"
    )
    types = {name: kind for name, kind, _, _ in columns}
    assert (types["at"], types["amount"], types["text"], types["raw"]) == (
        "timestamp with time zone",
        "numeric(38,18)",
        "text",
        "bytea",
    )
    assert [name for name, _, required, _ in columns if required] == ["id"]
    assert {name: words for name, _, _, words in columns}["text"] == AWKWARD
    with pytest.raises(psycopg.errors.UniqueViolation):
        lakebase.run("INSERT INTO {t} (id) VALUES (1), (1)")


def test_names_and_values_are_never_read_as_sql(lakebase: Lakebase) -> None:
    columns = {
        name: {"type": "string"}
        for name in ("select", "order", "table", "stored", "excluded", "_whole_", "user")
    }
    lakebase.contract = lakebase.of(
        columns, primary_key=["select", "order"], sequence="table", delete_flag=None
    )
    rows = lakebase.spark.range(1).select(*[F.lit(AWKWARD).alias(name) for name in columns])
    stream = f"'; DROP TABLE gold_db._batches; --{unique()}"
    assert lakebase.writer.upsert(lakebase.contract, rows, stream=stream, batch=0) == 1
    assert lakebase.writer.upsert(lakebase.contract, rows, stream=stream, batch=1) == 0
    assert lakebase.run('SELECT "select", "user" FROM {t}') == [(AWKWARD, AWKWARD)]
    assert [(whose, rows) for whose, _, rows in lakebase.recorded()] == [(stream, 1), (stream, 0)]


def test_text_with_nul_is_refused_and_never_changed(lakebase: Lakebase) -> None:
    """A stream quarantines such a row before it comes here."""
    rows = lakebase.spark.sql(
        "SELECT 1L id, concat('a', decode(X'00', 'UTF-8')) value, 1L seq, false is_deleted"
    )
    with pytest.raises(LakebaseError, match="RUN423 PostgreSQL cannot hold a row"):
        lakebase.writer.upsert(lakebase.contract, rows, stream=lakebase.stream, batch=0)
    assert lakebase.stored() == []


def test_bytes_that_are_no_utf_8_arrive_as_the_character_for_them(lakebase: Lakebase) -> None:
    rows = lakebase.spark.sql("SELECT 2L id, string(X'61FF62') value, 1L seq, false is_deleted")
    lakebase.writer.upsert(lakebase.contract, rows, stream=lakebase.stream, batch=0)
    assert [value for _, value, _, _ in lakebase.stored()] == ["a\ufffdb"]


def test_a_field_of_ten_megabytes_arrives_whole(lakebase: Lakebase) -> None:
    rows = lakebase.spark.range(3).selectExpr(
        "id", "repeat(concat(id, '\"é,\n'), 2 * 1024 * 1024) value", "1L seq", "false is_deleted"
    )
    assert lakebase.writer.upsert(lakebase.contract, rows, stream=lakebase.stream, batch=0) == 3
    lengths = lakebase.run(
        "SELECT id, octet_length(value), md5(value) = md5(repeat(id || E'\"é,\\n', 2 * 1024 * 1024)) "
        "FROM {t} ORDER BY id"
    )
    assert lengths == [(key, 12 * 1024 * 1024, True) for key in range(3)]


def test_a_column_that_the_contract_gained_is_added_empty(lakebase: Lakebase) -> None:
    lakebase.write(0, (1, "a", 1, False))
    lakebase.contract = lakebase.of(
        {**EVENTS, "colour": {"type": ["string", "null"], "description": "It's 100%."}}
    )
    lakebase.writer.upsert(
        lakebase.contract,
        lakebase.rows((2, "b", 1, False)).withColumn("colour", F.lit("red")),
        stream=lakebase.stream,
        batch=1,
    )
    assert lakebase.run("SELECT id, colour FROM {t} ORDER BY id") == [(1, None), (2, "red")]
    assert lakebase.run("SELECT col_description('{t}'::regclass, 5)") == [("It's 100%.",)]


def test_a_column_that_the_contract_lost_stays_and_is_left_empty(lakebase: Lakebase) -> None:
    lakebase.write(0, (1, "a", 1, False))
    lakebase.contract = lakebase.of({name: EVENTS[name] for name in ("id", "seq")}, delete_flag=None)
    lakebase.writer.upsert(
        lakebase.contract,
        lakebase.rows((1, "x", 2, True), (2, "b", 1, False)),
        stream=lakebase.stream,
        batch=1,
    )
    assert lakebase.stored() == [(1, "a", 2, False), (2, None, 1, None)]


@pytest.mark.parametrize(
    ("columns", "key", "message"),
    [
        ({**EVENTS, "seq": number("int")}, ["id"], "seq is bigint, the contract wants integer"),
        (
            {**EVENTS, "value": real("decimal(10,2)")},
            ["id"],
            r"value is text, the contract wants numeric\(10,2\)",
        ),
        ({**EVENTS, "line": number("int")}, ["id", "line"], "there is no key column line"),
        (EVENTS, ["value"], "no primary key or unique index is on value"),
        (
            {**EVENTS, "tags": {"type": ["array", "null"], "x-lake": {"type": "array<string>"}}},
            ["id"],
            r"\.tags: PostgreSQL has no type for array<string>",
        ),
    ],
)
def test_another_table_than_the_contracts_is_an_error_and_stays_as_it_is(
    lakebase: Lakebase, columns: dict[str, Any], key: list[str], message: str
) -> None:
    lakebase.write(0, (1, "a", 1, False))
    lakebase.contract = lakebase.of(columns, primary_key=key)
    with pytest.raises(RunError, match=message) as fault:
        lakebase.write(1, (2, "b", 1, False))
    assert fault.value.code == "RUN421"
    assert lakebase.stored() == [(1, "a", 1, False)]
    assert lakebase.left_behind() == []


def test_a_key_that_no_index_takes_is_an_error_that_quotes_no_row(lakebase: Lakebase) -> None:
    lakebase.contract = lakebase.of({**EVENTS, "value": {"type": "string"}}, primary_key=["value"])
    rows = lakebase.spark.range(1).selectExpr(
        "id",
        "array_join(transform(sequence(1, 4000), i -> md5(string(i))), 'secret') value",
        "1L seq",
        "false is_deleted",
    )
    with pytest.raises(RunError, match="index row") as fault:
        lakebase.writer.upsert(lakebase.contract, rows, stream=lakebase.stream, batch=0)
    assert fault.value.code == "RUN423"
    assert "secret" not in str(fault.value)


def test_a_key_without_a_value_is_an_error_that_quotes_no_row(lakebase: Lakebase) -> None:
    rows = lakebase.spark.sql("SELECT CAST(NULL AS bigint) id, 'secret' value, 1L seq, false is_deleted")
    with pytest.raises(RunError, match='null value in column "id"') as fault:
        lakebase.writer.upsert(lakebase.contract, rows, stream=lakebase.stream, batch=0)
    assert fault.value.code == "RUN423"
    assert "secret" not in str(fault.value)
