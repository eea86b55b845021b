"""Both sides of each sink: the engine's job, and a bare Structured Streaming job for the same rows."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.stream_bench import FIRST, StreamBench
from lakehouse.environments import names
from lakehouse.environments.names import Zone

if TYPE_CHECKING:
    from glue_jobs.warehouses.postgres_table import LakebaseTable


@dataclass
class Sides:
    """Both sides of one table. `ready` empties it; `checksum` gives its rows and their hash."""

    name: str
    batch: int
    ready: Callable[[str], None]
    act: dict[str, Callable[[], None]]
    checksum: Callable[[str], tuple[int, int]]
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"engine": [], "bare": []})
    cpu: dict[str, list[float]] = field(default_factory=lambda: {"engine": [], "bare": []})


def _parsed(bench: StreamBench, table: str, max_messages: int) -> Any:
    """Messages parsed by from_json with the table's types, and their partition, offset and timestamp."""
    from pyspark.sql import functions as F

    contract = bench.schemas.contracts[table]
    metadata = {
        c.name: c.source_name.removeprefix("kafka:")
        for c in contract.columns
        if c.source_name.startswith("kafka:")
    }
    ddl = ", ".join(f"`{c.name}` {c.type}" for c in contract.columns if c.name not in metadata)
    rows = bench.read_topic(max_messages).select(
        F.from_json(F.col("value").cast("string"), ddl).alias("v"),
        *[F.col(w).alias(n) for n, w in metadata.items()],
    )
    return rows.select("v.*", *metadata)


def delta(bench: StreamBench) -> Sides:
    from pyspark.sql import functions as F

    from benchmarks.bench_tables import checksum

    job, table = "gap_injection_with_kafka", "bronze.kafka_data_bronze"
    contract = bench.schemas.contracts[table]
    uri = {"engine": names.table_uri(bench.env, table), "bare": f"{names.table_uri(bench.env, table)}__bare"}
    checkpoints, max_messages = _checkpoints(bench, job), bench.batch(job)

    def ready(side: str) -> None:
        from glue_jobs.session import job_session
        from glue_jobs.tables.delta_log import Txn
        from glue_jobs.tables.target import Target, append

        bench.empty(uri[side])
        bench.empty(checkpoints[side])
        # Both sides find an empty table with the same properties.
        transaction = Txn(uuid.uuid4().hex, 1, "")
        target = Target(job_session(bench.spark), uri[side], contract, transaction, lambda: None)
        append(target, bench.spark.createDataFrame([], contract.ddl))

    def bare() -> None:
        rows = _parsed(bench, table, max_messages)
        rows = rows.withColumn("_ingest_ts", F.current_timestamp()).withColumn(
            "_batch_id", F.lit(str(uuid.uuid4()))
        )
        rows = rows.withColumn("_source_system", F.lit("kafka")).withColumn("_run_date", F.lit(FIRST))
        columns = [name for name, _ in contract.stored]
        query = rows.select(*columns).writeStream.format("delta")
        query = query.option("checkpointLocation", checkpoints["bare"])
        query.trigger(availableNow=True).start(uri["bare"]).awaitTermination()

    return Sides(
        "Kafka → Delta",
        max_messages,
        ready,
        {"engine": lambda: bench.engine(job, table), "bare": bare},
        lambda side: checksum(bench.spark, uri[side], contract.column_names),
    )


def postgres(bench: StreamBench) -> Sides:
    from glue_jobs.connections.postgres import Login
    from glue_jobs.observability.secrets import Secrets
    from glue_jobs.warehouses.postgres_table import LakebaseTable

    job, table = "kafka_to_lakebase", LakebaseTable.of(bench.schemas.contracts["gold.kafka_data"])
    name = {"engine": table.sql.name, "bare": f"{table.schema}.bare"}
    staging = f"{table.schema}.bare_staging"
    checkpoints, max_messages = _checkpoints(bench, job), bench.batch(job)
    secret = Secrets(bench.env).get("postgres")
    options = {**Login.of(secret).jdbc(), "dbtable": staging, "reWriteBatchedInserts": "true"}
    create, upsert = _bare_table(table, name["bare"], staging)

    sql = partial(_execute, secret)

    def ready(side: str) -> None:
        bench.empty(checkpoints[side])
        sql(f"DROP TABLE IF EXISTS {name[side]}")
        sql(*([f"DROP TABLE IF EXISTS {table.schema}._batches"] if side == "engine" else create))

    def write(batch: Any, number: int) -> None:
        sql(f"TRUNCATE {staging}")
        batch.write.format("jdbc").options(**options).mode("append").save()
        sql(upsert)

    def bare() -> None:
        rows = _parsed(bench, "gold.kafka_data", max_messages).select(*table.sql.types)
        query = rows.writeStream.option("checkpointLocation", checkpoints["bare"]).foreachBatch(write)
        query.trigger(availableNow=True).start().awaitTermination()

    def checksum(side: str) -> tuple[int, int]:
        count, total = sql(_checksum_query(table, name[side]))
        return int(count), int(total)

    sides = {"engine": lambda: bench.engine(job, "gold.kafka_data"), "bare": bare}
    return Sides("Kafka → PostgreSQL", max_messages, ready, sides, checksum)


def _execute(secret: dict[str, Any], *statements: str) -> Any:
    """The first row of the last statement, None where it returns no rows. All run in one transaction."""
    import psycopg

    with psycopg.connect(**secret) as connection:
        cursor = [connection.execute(statement) for statement in statements][-1]
        return cursor.fetchone() if cursor.description else None


def _checksum_query(table: LakebaseTable, name: str) -> str:
    """Counts the rows of the table `name` and adds up their hashes."""
    return (
        "SELECT count(*), sum(hashtextextended(row_to_json(t)::text, 0)) "
        f"FROM (SELECT {', '.join(table.sql.types)} FROM {name}) t"
    )


def _bare_table(table: LakebaseTable, name: str, staging: str) -> tuple[list[str], str]:
    """(statements that create the bare job's tables, statement that upserts the newest row of each key)"""
    columns, key = ", ".join(table.sql.types), ", ".join(table.contract.primary_key)
    newest = ", ".join(f"{c} = EXCLUDED.{c}" for c in table.sql.types if c != key)
    definitions = ", ".join(map(table.sql.definition, table.sql.types))
    return [
        f"CREATE TABLE {name} ({definitions}, PRIMARY KEY ({key}))",
        f"DROP TABLE IF EXISTS {staging}",
        f"CREATE UNLOGGED TABLE {staging} (LIKE {name})",
    ], (
        f"INSERT INTO {name} AS stored ({columns}) SELECT DISTINCT ON ({key}) {columns} FROM {staging} "
        f"ORDER BY {key}, event_ts DESC ON CONFLICT ({key}) DO UPDATE SET {newest} "
        "WHERE EXCLUDED.event_ts > stored.event_ts"
    )


def _checkpoints(bench: StreamBench, job: str) -> dict[str, str]:
    zone = names.zone_uri(bench.env, Zone.CHECKPOINTS)
    return {"engine": f"{zone}/streams/{job}", "bare": f"{zone}/bare/{job}"}


SINKS: dict[str, Callable[[StreamBench], Sides]] = {"delta": delta, "postgres": postgres}
