"""A stream forgets what is old, and reads the tables beside it as they are now."""

from __future__ import annotations

import uuid
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from glue_jobs.session import stream_session
from glue_jobs.streaming.state_bounds import without_repeats
from glue_jobs.tables import read
from glue_jobs.tables.query_guard import aggregates_stream
from lakehouse.environments import Environment


def files_of(spark: SparkSession, folder: Path) -> DataFrame:
    return spark.readStream.schema("id string, n int").json(str(folder))


def put(folder: Path, *rows: str) -> None:
    part = folder / f"{uuid.uuid4()}.json"
    part.with_suffix(".tmp").write_text("\n".join(rows))
    part.with_suffix(".tmp").rename(part)


def test_repeats_count_once_in_state_that_is_bounded_and_lies_on_disk(
    spark: SparkSession, local_env: Environment, tmp_path: Path
) -> None:
    session, source = stream_session(spark, local_env), tmp_path / "in"
    source.mkdir()
    totals = without_repeats(files_of(session, source), ["id"], 48).groupBy("n").count()
    assert aggregates_stream(totals)
    put(source, '{"id": "a", "n": 1}', '{"id": "a", "n": 1}', '{"id": "b", "n": 1}')
    name = f"q{uuid.uuid4().hex}"
    query = (
        totals.writeStream.queryName(name)
        .format("memory")
        .outputMode("update")
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .start()
    )
    try:
        query.processAllAvailable()
        put(source, '{"id": "b", "n": 1}', '{"id": "c", "n": 1}')
        query.processAllAvailable()
        assert max(r["count"] for r in session.table(name).collect()) == 3
        progress = query.lastProgress
        assert progress is not None
        operators = {o["operatorName"]: o for o in progress["stateOperators"]}
        assert "dedupeWithinWatermark" in operators
        assert all("rocksdbGetCount" in o["customMetrics"] for o in operators.values())
        assert {o["numShufflePartitions"] for o in operators.values()} == {4}
        assert progress["eventTime"]["watermark"] > "2000"
    finally:
        query.stop()


def test_a_table_beside_a_stream_is_read_anew_by_each_micro_batch(
    spark: SparkSession, local_env: Environment, tmp_path: Path
) -> None:
    session, source, side = stream_session(spark, local_env), tmp_path / "in", str(tmp_path / "side")
    source.mkdir()
    spark.createDataFrame([("a", "old")], "id string, name string").write.format("delta").save(side)
    joined = files_of(session, source).join(read.followed(session, side, "silver.side"), "id", "left")
    put(source, '{"id": "a", "n": 1}')
    name = f"q{uuid.uuid4().hex}"
    query = joined.writeStream.queryName(name).format("memory").outputMode("append").start()
    try:
        query.processAllAvailable()
        spark.createDataFrame([("b", "new")], "id string, name string").write.format("delta").mode(
            "append"
        ).save(side)
        put(source, '{"id": "b", "n": 2}')
        query.processAllAvailable()
        assert {(r.id, r.name) for r in session.table(name).collect()} == {("a", "old"), ("b", "new")}
    finally:
        query.stop()
