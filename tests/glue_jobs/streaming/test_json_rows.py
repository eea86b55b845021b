"""JSON messages as typed rows, and the defects of those that do not fit."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pyspark.sql import SparkSession

from glue_jobs.sources.columns import ColumnMapping
from glue_jobs.sources.json_text import parse_json
from glue_jobs.streaming.json_rows import is_defective, rows_of_json, with_defect_columns
from tests.glue_jobs.streaming.frames import MAX_BYTES, messages, topic_contract

TEXT = "2017-01-31T10:00:00Z"


def test_a_valid_message_is_typed_and_has_its_offset(spark: SparkSession) -> None:
    rows = rows_of_json(
        messages(spark, {"id": 1, "amount": 1.5, "changed_at": TEXT}, {"id": 2}), topic_contract(), MAX_BYTES
    )
    assert [tuple(r) for r in rows.drop("_wrong").collect()] == [
        (1, Decimal("1.50"), datetime(2017, 1, 31, 10), 0, 0, 0),
        (2, None, None, 1, 0, 1),
    ]
    assert rows.where("_wrong is not null").count() == 0


def test_a_number_in_quotes_is_cast_and_is_no_defect(spark: SparkSession) -> None:
    contract = topic_contract()
    rows = rows_of_json(messages(spark, {"id": "7", "amount": "2.50"}), contract, MAX_BYTES)
    row = rows.withColumn("defective", is_defective(contract)).collect()[0]
    assert (row.id, row.amount, row.defective) == (7, Decimal("2.50"), False)


def test_a_value_of_another_type_is_a_defect_that_shows_what_was_sent(spark: SparkSession) -> None:
    contract = topic_contract()
    rows = rows_of_json(messages(spark, {"id": "x"}, "no JSON", '{"id": 1} {"id": 2}'), contract, MAX_BYTES)
    defects = with_defect_columns(rows.where(is_defective(contract)), contract).orderBy("_offset").collect()
    assert [(r._raw_id, r._corrupt) for r in defects] == [
        ("x", None),
        (None, "no JSON"),
        (None, '{"id": 1} {"id": 2}'),
    ]


LINES = [
    '{"id": 1}] x y z',
    '{"id": 1}} x',
    '{"id": 1}]',
    '{"id": 1}], "amount": [3',
    '{"id": 1}, "amount": 3',
    '{"id": 1} {"id": 2}',
    '[{"id": 1}]',
    '[[{"id": 1}]]',
    "null",
    '{"id": ' + "[" * 1100 + "]" * 1100 + "}",
    '{"id": 1, "ID": 2}',
    '{"Id": 1, "ID": 2}',
]
SOUND = ['{"id": 1, "note": {"a": "}]"}}  ', '{"id": 2, "id": 3}', '\t{"ID": 4}', '{"id": 5, "note": [{}]}']


def test_files_and_messages_take_the_same_texts_for_an_object(spark: SparkSession) -> None:
    contract, texts = topic_contract(), [*LINES, *SOUND]
    rows = rows_of_json(messages(spark, *texts), contract, 10_000)
    ids = [row.id for row in rows.orderBy("_offset").collect()]
    lines = spark.createDataFrame(
        [(text, f"f:{number}", True) for number, text in enumerate(texts)],
        "line string, position string, utf8 boolean",
    )
    parsed = parse_json(lines, contract, ColumnMapping({"id": "id"}, (), ()))
    assert [row.id and int(row.id) for row in parsed.collect()] == ids == [None] * len(LINES) + [1, 3, 4, 5]
    assert [row._corrupt for row in parsed.collect()] == LINES + [None] * len(SOUND)
