"""What is rejected of a message before its format matters."""

from __future__ import annotations

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.streaming.messages import raw_text, reject_reason, text_of
from tests.glue_jobs.streaming.frames import messages


def test_a_message_has_text_or_a_reason(spark: SparkSession) -> None:
    value = F.col("value")
    rows = messages(spark, "text", b"\xff\xfe", "longer than ten", None).select(
        text_of(value, 10).alias("text"),
        reject_reason(value, 10).alias("reason"),
        raw_text(value, 10).alias("raw"),
    )
    assert [tuple(row) for row in rows.collect()] == [
        ("text", None, "text"),
        (None, None, "\ufffd\ufffd"),
        (None, "message: 15 bytes, longer than 10", "longer than ten"),
        (None, "message: a tombstone, it has no value", ""),
    ]
