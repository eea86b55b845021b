"""`python -m benchmarks.streams`: what a stream of the platform takes in per second, against a bare Structured Streaming job.

Both read the same topic of real traffic events with the same limits, and write the same rows into tables of the same properties.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import psutil
import typer
from rich.console import Console
from rich.table import Table

from environments import Environment, load_environment, names
from environments.names import Zone
from environments.reader import OVERLAY

WANTED = 0.95
FIRST = date(2017, 1, 1)
TOPIC = "traffic_events"


def main(
    months: Annotated[int, typer.Option(help="Months of traffic events; one has about 120,000.")] = 6,
    batch: Annotated[int, typer.Option(help="Messages of a micro-batch at most.")] = 250_000,
    rounds: Annotated[int, typer.Option(help="Rounds that count, after one to warm up.")] = 3,
    sink: Annotated[str, typer.Option(help="delta, postgres, or both.")] = "both",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Compare the engine with bare jobs. Exit code 1 when the two wrote different rows, or a ratio is below 0.95."""
    with _place(months, batch) as at:
        wanted = ("delta", "postgres") if sink == "both" else (sink,)
        result = {
            "messages": at.messages,
            "batch": batch,
            "cores": os.cpu_count(),
            "sinks": [_compare(at, SINKS[s](at), rounds) for s in wanted],
        }
    holds = all(s["equal"] and s["ratio"] >= WANTED for s in result["sinks"])
    print(json.dumps({**result, "holds": holds}, indent=2)) if as_json else _show(result)
    if not holds:
        raise typer.Exit(1)


@dataclass
class Place:
    """A world with a full topic."""

    env: Environment
    spark: Any
    batch: int
    messages: int
    schemas: Any
    pipelines: Any

    def empty(self, uri: str) -> None:
        """Nothing below a folder any more, and Delta has forgotten it."""
        from glue_jobs.aws import clients

        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        s3 = clients(self.env).s3
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/"):
            for item in page.get("Contents", []):
                s3.delete_object(Bucket=bucket, Key=item["Key"])
        jvm: Any = self.spark._jvm
        jvm.org.apache.spark.sql.delta.DeltaLog.invalidateCache(self.spark._jsparkSession, jvm.org.apache.hadoop.fs.Path(uri))

    def engine(self, pipeline: str, table: str) -> None:
        """The job as it is deployed, of one of its tables, with everything around it."""
        from glue_jobs.runner import run_job

        job = self.pipelines[pipeline].jobs[0]
        job = replace(job, procs=tuple(p for p in job.procs if table in p.writes), writes=(table,))
        job = replace(
            job, params=tuple(replace(p, value=str(self.batch)) if p.name == "max_offsets_per_trigger" else p for p in job.params)
        )
        run_job(self.env, job, self.schemas, self.spark, FIRST)

    def messages_of(self) -> Any:
        from glue_jobs.observe.secrets import Secrets
        from glue_jobs.sources.kafka_offsets import client_settings

        servers = client_settings(Secrets(self.env).get("kafka")).spark
        reader = self.spark.readStream.format("kafka").options(**{f"kafka.{k}": v for k, v in servers.items()})
        return reader.option("subscribe", TOPIC).option("startingOffsets", "earliest").option("maxOffsetsPerTrigger", self.batch).load()


@dataclass
class Sides:
    """How both sides write one table; `ready` empties it, `checksum` is of its rows."""

    name: str
    ready: Callable[[str], None]
    act: dict[str, Callable[[], None]]
    checksum: Callable[[str], tuple[int, int]]
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"engine": [], "bare": []})
    cpu: dict[str, list[float]] = field(default_factory=lambda: {"engine": [], "bare": []})


def _typed(at: Place, table: str) -> Any:
    """As a careful author parses: from_json with the table's types, and the message's place."""
    from pyspark.sql import functions as F

    contract = at.schemas.contracts[table]
    place = {c.name: c.source_name.removeprefix("kafka:") for c in contract.columns if c.source_name.startswith("kafka:")}
    ddl = ", ".join(f"`{c.name}` {c.type}" for c in contract.columns if c.name not in place)
    rows = at.messages_of().select(
        F.from_json(F.col("value").cast("string"), ddl).alias("v"), *[F.col(w).alias(n) for n, w in place.items()]
    )
    return rows.select("v.*", *place)


def _delta(at: Place) -> Sides:
    from pyspark.sql import functions as F

    table = "bronze.kafka_data_bronze"
    contract = at.schemas.contracts[table]
    uri = {"engine": names.table_uri(at.env, table), "bare": f"{names.table_uri(at.env, table)}__bare"}
    checkpoints = {
        side: f"{names.zone_uri(at.env, Zone.CHECKPOINTS)}/{where}"
        for side, where in (("engine", "streams/gap_injection_with_kafka"), ("bare", "bare/delta"))
    }

    def ready(side: str) -> None:
        from glue_jobs.session import job_session
        from glue_jobs.tables.log import Txn
        from glue_jobs.tables.target import Target, append

        at.empty(uri[side])
        at.empty(checkpoints[side])
        # Both find their table made, with the same properties.
        made = Target(job_session(at.spark), uri[side], contract, Txn(uuid.uuid4().hex, 1, ""), lambda: None)
        append(made, at.spark.createDataFrame([], contract.ddl))

    def bare() -> None:
        rows = _typed(at, table)
        rows = rows.withColumn("_ingest_ts", F.current_timestamp()).withColumn("_batch_id", F.lit("bare"))
        rows = rows.withColumn("_source_system", F.lit("kafka")).withColumn("_run_date", F.lit(FIRST))
        query = rows.select(*[n for n, _ in contract.stored]).writeStream.format("delta").option("checkpointLocation", checkpoints["bare"])
        query.trigger(availableNow=True).start(uri["bare"]).awaitTermination()

    def checksum(side: str) -> tuple[int, int]:
        columns = list(contract.column_names)
        found = (
            at.spark.read.format("delta")
            .load(uri[side])
            .agg(F.count(F.lit(1)), F.sum(F.xxhash64(*columns).cast("decimal(38,0)")))
            .collect()[0]
        )
        return int(found[0]), int(found[1])

    return Sides("Kafka → Delta", ready, {"engine": lambda: at.engine("gap_injection_with_kafka", table), "bare": bare}, checksum)


def _postgres(at: Place) -> Sides:
    raise NotImplementedError


SINKS: dict[str, Callable[[Place], Sides]] = {"delta": _delta, "postgres": _postgres}


def _compare(at: Place, sides: Sides, rounds: int) -> dict[str, Any]:
    """The side that begins changes; the ratio is the median of the rounds' own ratios, because two rounds may meet different machines."""
    for n in range(rounds + 1):
        for side in ("engine", "bare") if n % 2 else ("bare", "engine"):
            sides.ready(side)
            busy, began = _cpu(), time.perf_counter()
            sides.act[side]()
            if n:
                sides.seconds[side].append(time.perf_counter() - began)
                sides.cpu[side].append(_cpu() - busy)
            typer.echo(f"{sides.name}, {side}: {time.perf_counter() - began:.1f} s, {_cpu() - busy:.1f} s of CPU", err=True)
    sums = {side: sides.checksum(side) for side in ("engine", "bare")}
    ratios = [b / e for e, b in zip(sides.seconds["engine"], sides.seconds["bare"], strict=True)]
    return {
        "sink": sides.name,
        **{f"{side}_per_second": round(at.messages / median(sides.seconds[side])) for side in ("engine", "bare")},
        "ratio": round(median(ratios), 3), "ratios": [round(r, 3) for r in ratios],
        "cpu_ratio": round(median(sides.cpu["bare"]) / median(sides.cpu["engine"]), 3),
        "seconds": {s: [round(x, 2) for x in v] for s, v in sides.seconds.items()},
        "rows": sums["engine"][0], "equal": sums["engine"] == sums["bare"],
    }  # fmt: skip


def _cpu() -> float:
    me: Any = psutil.Process()
    return float(sum(p.cpu_times().user + p.cpu_times().system for p in (me, *(c for c in me.children() if c.name() == "java"))))


@contextmanager
def _place(months: int, batch: int) -> Iterator[Place]:
    from local_aws.world import world

    with (
        tempfile.TemporaryDirectory() as folder,
        world(load_environment("local"), Path(folder) / "world", only=["aws", "kafka", "postgres"]) as overlay,
    ):
        os.environ[OVERLAY] = str(overlay)
        from glue_jobs.observe import logs
        from glue_jobs.session import spark_session
        from local_aws.sample import traffic
        from pipelines import load_pipelines
        from schemas import load_schemas

        env = load_environment("local")
        del logs
        typer.echo("messages …", err=True)
        counts, _ = traffic.load(env, FIRST, date(2017, months, 28), 0.0, 1)
        spark = spark_session(env)
        yield Place(env, spark, batch, sum(counts.values()), load_schemas(), load_pipelines())
        spark.stop()


def _show(result: dict[str, Any]) -> None:
    table = Table(
        title=f"{result['messages']:,} messages, at most {result['batch']:,} a micro-batch, {result['cores']} cores; medians",
        title_justify="left",
    )
    for name in ("sink", "engine, messages/s", "bare, messages/s", "ratio", "wanted", "of CPU", "same rows"):
        table.add_column(name, justify="left" if name == "sink" else "right")
    for s in result["sinks"]:
        ratio = f"{s['ratio']:.2f}"
        table.add_row(
            s["sink"], f"{s['engine_per_second']:,}", f"{s['bare_per_second']:,}", ratio if s["ratio"] >= WANTED else f"[red]{ratio}[/red]", f"≥ {WANTED:.2f}",
            f"{s['cpu_ratio']:.2f}", "yes" if s["equal"] else "[red]no[/red]",
        )  # fmt: skip
    console = Console()
    console.print(table, width=None if console.is_terminal else 120)


if __name__ == "__main__":
    typer.run(main)
