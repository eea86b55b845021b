"""CSV messages, in the order of the contract's columns."""

from __future__ import annotations

from pyspark.sql import SparkSession

from glue_jobs.streaming.csv_rows import rows_of_csv
from tests.glue_jobs.streaming.frames import MAX_BYTES, messages, topic_contract


def test_a_record_is_text_in_the_contracts_order_with_its_offset(spark: SparkSession) -> None:
    rows = rows_of_csv(
        messages(spark, "1,1.50,2017-01-31T10:00:00Z\n", '2,,"a, b"', None), topic_contract("csv"), MAX_BYTES
    ).orderBy("kafka_offset")
    parsed = [(r.id, r.amount, r.changed_at, r.kafka_offset, r._offset, r._reject) for r in rows.collect()]
    assert parsed[:2] == [
        ("1", "1.50", "2017-01-31T10:00:00Z", "0", "0", None),
        ("2", None, "a, b", "1", "1", None),
    ]
    assert parsed[2][-1] == "message: a tombstone, it has no value"
