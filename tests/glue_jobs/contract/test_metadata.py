"""The metadata columns of an ingested row."""

from __future__ import annotations

from datetime import UTC, date, datetime

from pyspark.sql import SparkSession

from glue_jobs.contract import add_metadata_columns
from tests.glue_jobs.builders import frame


def test_every_row_says_when_by_which_batch_and_from_where_it_came(spark: SparkSession) -> None:
    planned = datetime(2017, 1, 31, 10, tzinfo=UTC)
    rows = add_metadata_columns(
        frame(spark, "id bigint", (1,)),
        ingest_ts=planned,
        batch_id="b-1",
        system="shop",
        run_date=date(2017, 1, 31),
    )
    assert [
        r.asDict()
        for r in rows.selectExpr("*", "unix_timestamp(_ingest_ts) AS seconds").drop("_ingest_ts").collect()
    ] == [
        {
            "id": 1,
            "_batch_id": "b-1",
            "_source_system": "shop",
            "_run_date": date(2017, 1, 31),
            "seconds": int(planned.timestamp()),
        }
    ]
