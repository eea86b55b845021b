"""Both sides of each sink: the engine's job, and the bare Structured Streaming job that a careful author writes for the same rows."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.stream_place import FIRST, Place
from lakehouse.environments import names
from lakehouse.environments.names import Zone

if TYPE_CHECKING:
    from glue_jobs.warehouses.postgres_table import LakebaseTable


@dataclass
class Sides:
    """How both sides write one table; `ready` empties it, `checksum` is of its rows."""

    name: str
    batch: int
    ready: Callable[[str], None]
    act: dict[str, Callable[[], None]]
    checksum: Callable[[str], tuple[int, int]]
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"engine": [], "bare": []})
    cpu: dict[str, list[float]] = field(default_factory=lambda: {"engine": [], "bare": []})


def _typed(at: Place, table: str, most: int) -> Any:
    """As a careful author parses: from_json with the table's types, and the message's place."""
    from pyspark.sql import functions as F

    contract = at.schemas.contracts[table]
    place = {
        c.name: c.source_name.removeprefix("kafka:")
        for c in contract.columns
        if c.source_name.startswith("kafka:")
    }
    ddl = ", ".join(f"`{c.name}` {c.type}" for c in contract.columns if c.name not in place)
    rows = at.messages_of(most).select(
        F.from_json(F.col("value").cast("string"), ddl).alias("v"),
        *[F.col(w).alias(n) for n, w in place.items()],
    )
    return rows.select("v.*", *place)


def delta(at: Place) -> Sides:
    from pyspark.sql import functions as F

    from benchmarks.place import checksum

    job, table = "gap_injection_with_kafka", "bronze.kafka_data_bronze"
    contract = at.schemas.contracts[table]
    uri = {"engine": names.table_uri(at.env, table), "bare": f"{names.table_uri(at.env, table)}__bare"}
    checkpoints, most = _checkpoints(at, job), at.batch(job)

    def ready(side: str) -> None:
        from glue_jobs.session import job_session
        from glue_jobs.tables.delta_log import Txn
        from glue_jobs.tables.target import Target, append

        at.empty(uri[side])
        at.empty(checkpoints[side])
        # Both find their table made, with the same properties.
        made = Target(job_session(at.spark), uri[side], contract, Txn(uuid.uuid4().hex, 1, ""), lambda: None)
        append(made, at.spark.createDataFrame([], contract.ddl))

    def bare() -> None:
        rows = _typed(at, table, most)
        rows = rows.withColumn("_ingest_ts", F.current_timestamp()).withColumn(
            "_batch_id", F.lit(str(uuid.uuid4()))
        )
        rows = rows.withColumn("_source_system", F.lit("kafka")).withColumn("_run_date", F.lit(FIRST))
        query = (
            rows.select(*[n for n, _ in contract.stored])
            .writeStream.format("delta")
            .option("checkpointLocation", checkpoints["bare"])
        )
        query.trigger(availableNow=True).start(uri["bare"]).awaitTermination()

    return Sides(
        "Kafka → Delta",
        most,
        ready,
        {"engine": lambda: at.engine(job, table), "bare": bare},
        lambda side: checksum(at.spark, uri[side], contract.column_names),
    )


def postgres(at: Place) -> Sides:
    import psycopg

    from glue_jobs.connections.postgres import Login
    from glue_jobs.observability.secrets import Secrets
    from glue_jobs.warehouses.postgres_table import LakebaseTable

    job, table = "kafka_to_lakebase", LakebaseTable.of(at.schemas.contracts["gold.kafka_data"])
    name = {"engine": table.sql.name, "bare": f"{table.schema}.bare"}
    columns, staging = ", ".join(table.sql.types), f"{table.schema}.bare_staging"
    checkpoints, most, secret = _checkpoints(at, job), at.batch(job), Secrets(at.env).get("postgres")
    options = {**Login.of(secret).jdbc(), "dbtable": staging, "reWriteBatchedInserts": "true"}
    made, upsert = _bare_table(table, name["bare"], staging)

    def sql(*statements: str) -> Any:
        with psycopg.connect(**secret) as connection:
            done = [connection.execute(statement) for statement in statements][-1]
            return done.fetchone() if done.description else None

    def ready(side: str) -> None:
        at.empty(checkpoints[side])
        sql(f"DROP TABLE IF EXISTS {name[side]}")
        sql(*([f"DROP TABLE IF EXISTS {table.schema}._batches"] if side == "engine" else made))

    def write(batch: Any, number: int) -> None:
        sql(f"TRUNCATE {staging}")
        batch.write.format("jdbc").options(**options).mode("append").save()
        sql(upsert)

    def bare() -> None:
        rows = _typed(at, "gold.kafka_data", most).select(*table.sql.types)
        query = rows.writeStream.option("checkpointLocation", checkpoints["bare"]).foreachBatch(write)
        query.trigger(availableNow=True).start().awaitTermination()

    def checksum(side: str) -> tuple[int, int]:
        found = sql(
            f"SELECT count(*), sum(hashtextextended(row_to_json(t)::text, 0)) FROM (SELECT {columns} FROM {name[side]}) t"
        )
        return int(found[0]), int(found[1])

    return Sides(
        "Kafka → PostgreSQL",
        most,
        ready,
        {"engine": lambda: at.engine(job, "gold.kafka_data"), "bare": bare},
        checksum,
    )


def _bare_table(table: LakebaseTable, name: str, staging: str) -> tuple[list[str], str]:
    """(what makes the bare job's table and its staging table, what takes the newest row of each key from one to the other)"""
    columns, key = ", ".join(table.sql.types), ", ".join(table.contract.primary_key)
    newest = ", ".join(f"{c} = EXCLUDED.{c}" for c in table.sql.types if c != key)
    return [
        f"CREATE TABLE {name} ({', '.join(map(table.sql.definition, table.sql.types))}, PRIMARY KEY ({key}))",
        f"DROP TABLE IF EXISTS {staging}",
        f"CREATE UNLOGGED TABLE {staging} (LIKE {name})",
    ], (
        f"INSERT INTO {name} AS there ({columns}) SELECT DISTINCT ON ({key}) {columns} FROM {staging} "
        f"ORDER BY {key}, event_ts DESC ON CONFLICT ({key}) DO UPDATE SET {newest} WHERE EXCLUDED.event_ts > there.event_ts"
    )


def _checkpoints(at: Place, job: str) -> dict[str, str]:
    zone = names.zone_uri(at.env, Zone.CHECKPOINTS)
    return {"engine": f"{zone}/streams/{job}", "bare": f"{zone}/bare/{job}"}


SINKS: dict[str, Callable[[Place], Sides]] = {"delta": delta, "postgres": postgres}
