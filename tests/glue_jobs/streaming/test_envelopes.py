"""Changes of a database: which row they carry, and which messages are no changes."""

from __future__ import annotations

from typing import Any

from pyspark.sql import SparkSession

from glue_jobs.streaming.json_rows import rows_of_json, with_defect_columns
from tests.glue_jobs.streaming.frames import MAX_BYTES, messages, topic_contract

COLUMNS: dict[str, Any] = {
    "id": {"type": "integer"},
    "name": {"type": ["string", "null"]},
    "operation": {"type": ["string", "null"], "x-lake": {"source": "cdc:op"}},
    "changed_at": {"type": "string", "format": "date-time", "x-lake": {"source": "cdc:ts_ms"}},
    "deleted": {"type": "boolean"},
}


def change(op: str, before: Any = None, after: Any = None, **more: Any) -> dict[str, Any]:
    return {"op": op, "before": before, "after": after, "ts_ms": 1_485_856_800_000, **more}


def test_a_deletion_is_the_row_before_and_any_other_change_the_row_after(spark: SparkSession) -> None:
    contract = topic_contract("cdc", COLUMNS, write="merge", delete_flag="deleted")
    old, new = {"id": 1, "name": "old"}, {"id": 1, "name": "new"}
    changes = [change("c", None, new), change("u", old, new), change("d", old), change("r", None, old)]
    rows = rows_of_json(messages(spark, *changes), contract, MAX_BYTES).orderBy("_offset").collect()
    assert [(r.operation, r.name, r.deleted) for r in rows] == [
        ("c", "new", False),
        ("u", "new", False),
        ("d", "old", True),
        ("r", "old", False),
    ]
    assert {str(r.changed_at) for r in rows} == {"2017-01-31 10:00:00"}


def test_a_time_of_no_year_rejects_its_message_and_stops_no_other(spark: SparkSession) -> None:
    contract = topic_contract("cdc", COLUMNS, write="merge", delete_flag="deleted")
    row, last = {"id": 1, "name": "x"}, 253_402_300_799_999
    moments = (2**63 - 1, -(2**63), last + 1, last, 0, "0", 0.5, "1e3")
    changes = [{**change("c", None, row), "ts_ms": ms} for ms in moments]
    read = with_defect_columns(rows_of_json(messages(spark, *changes), contract, MAX_BYTES), contract)
    rows = read.orderBy("_offset").collect()
    assert [r.changed_at is None for r in rows] == [r._reject is not None for r in rows]
    assert [r.changed_at and r.changed_at.year for r in rows] == [
        *(None, None, None, 9999),
        *(1970, 1970, None, 1970),
    ]


def test_a_message_that_is_no_change_has_one_reason(spark: SparkSession) -> None:
    contract = topic_contract("cdc", COLUMNS, write="merge", delete_flag="deleted")
    row = {"id": 1, "name": "x"}
    broken = [
        change("t", None, row),
        {"before": None, "after": row},
        change("d", None, row),
        change("u", row),
    ]
    rows = with_defect_columns(rows_of_json(messages(spark, *broken), contract, MAX_BYTES), contract)
    assert [r._reject for r in rows.orderBy("_offset").collect()] == [
        "cdc: op is t, not one of c, u, d, r",
        "cdc: op is missing, not one of c, u, d, r",
        "cdc: a deletion without the row that was, 'before'",
        "cdc: a change without the row that is, 'after'",
    ]


def test_a_key_in_another_case_is_the_field_of_the_row_as_in_any_message(spark: SparkSession) -> None:
    contract = topic_contract("cdc", COLUMNS, write="merge", delete_flag="deleted")
    row = {"id": 1, "name": "x"}
    respelled = [
        change("c", None, {"Id": 1, "NAME": "x"}),
        change("d", {"ID": 1, "name": "x"}, None, source={"name": "shop", "ID": 5}),
        {"Op": "r", "AFTER": row, "TS_MS": 1_485_856_800_000},
        change("c", None, {"id": 1, "name": "x"}, source={"Name": "shop"}),
    ]
    twice = [
        change("c", None, {"id": 1, "Id": 2, "name": "x"}),
        change("d", {"name": "x", "id": 1, "NAME": "y"}),
        {**change("c", None, row), "After": {"id": 3}},
        {"Op": "d", **change("c", None, row)},
    ]
    rows = rows_of_json(messages(spark, *respelled, *twice), contract, MAX_BYTES)
    judged = with_defect_columns(rows, contract).orderBy("_offset").collect()
    assert [(r.id, r.name, r.deleted, str(r.changed_at), r._corrupt) for r in judged[:4]] == [
        (1, "x", deleted, "2017-01-31 10:00:00", None) for deleted in (False, True, False, False)
    ]
    assert [r._corrupt is not None for r in judged[4:]] == [True] * 4


def test_a_number_for_a_text_inside_of_a_respelled_row_is_no_value(spark: SparkSession) -> None:
    contract = topic_contract("cdc", COLUMNS, write="merge", delete_flag="deleted")
    rows = rows_of_json(messages(spark, change("c", None, {"ID": 1, "name": 5})), contract, MAX_BYTES)
    [row] = with_defect_columns(rows, contract).collect()
    assert (row.id, row.name, row._raw_name) == (1, None, "5")


def test_an_envelope_is_read_as_it_is_and_as_the_payload_beside_its_schema(spark: SparkSession) -> None:
    contract = topic_contract("cdc", COLUMNS, write="merge", delete_flag="deleted")
    schema = {"type": "struct", "name": "members.Envelope", "fields": [{"type": "int64", "field": "id"}]}
    changes = [
        change("c", None, {"id": 1, "name": "new"}, source={"lsn": 5}),
        change("d", {"id": 2, "name": "old"}),
        change("u", None, {"ID": 3, "name": "respelled"}),
        change("c", None, {"id": "4", "name": "a number as text"}),
        change("x", None, {"id": 5}),
    ]
    wrapped = [{"schema": schema, "payload": envelope} for envelope in changes]
    rows = rows_of_json(messages(spark, *changes, *wrapped), contract, MAX_BYTES)
    judged = with_defect_columns(rows, contract).orderBy("_offset").collect()
    read = [(r.id, r.name, r.deleted, r.operation, r._reject, r._corrupt) for r in judged]
    assert read[: len(changes)] == read[len(changes) :]
    assert read[:4] == [
        (1, "new", False, "c", None, None),
        (2, "old", True, "d", None, None),
        (3, "respelled", False, "u", None, None),
        (4, "a number as text", False, "c", None, None),
    ]
    assert read[4][4] == "cdc: op is x, not one of c, u, d, r"


def test_neither_envelope_nor_payload_has_one_reason(spark: SparkSession) -> None:
    contract = topic_contract("cdc", COLUMNS, write="merge", delete_flag="deleted")
    twice = {"payload": change("c", None, {"id": 1}), "PAYLOAD": change("c", None, {"id": 2})}
    rows = rows_of_json(
        messages(spark, {"payload": None}, {"payload": 5}, {"id": 1}, twice), contract, MAX_BYTES
    )
    judged = with_defect_columns(rows, contract).orderBy("_offset").collect()
    assert [r._reject for r in judged[:3]] == ["cdc: op is missing, not one of c, u, d, r"] * 3
    assert judged[3]._corrupt is not None
