"""A streaming application that writes into PostgreSQL, in a process that a test kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from lakehouse.contracts import Contract
from lakehouse.environments import load_environment
from lakehouse.pipelines.params import Param
from lakehouse.project import project_root
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.glue_jobs.streaming.topic_rows import proc

# Offsets of a batch at most.
PER_BATCH = 500
CONFIG = "streams:\n  trigger: continuous\n  seconds: 1\nlease_seconds: 5\n"


COLUMNS: dict[str, Any] = {
    "id": {"type": "integer"},
    "seq": {"type": "integer"},
    "value": {"type": "string"},
    "kafka_partition": {"type": "integer", "x-lake": {"type": "int"}},
    "kafka_offset": {"type": "integer"},
}


class Known(TopicHarness):
    """A feed whose topic is there already."""

    def __post_init__(self) -> None:
        pass


def contracts(feed: TopicHarness) -> tuple[Contract, Contract]:
    """Every message in Delta, and the newest of each key in the Lakebase."""
    return feed.contract("bronze", COLUMNS, sequence=None), feed.contract(
        "gold", COLUMNS, write="merge", sequence="seq", store="postgres"
    )


def application(name: str, config: str) -> None:
    """The stream as a process of its own: it ends when it is asked to, or killed."""
    from glue_jobs.job_types.stream import Stream
    from glue_jobs.session import spark_session

    env = load_environment("local", config=Path(config))
    feed = Known(env, spark_session(env), name=name)
    every, newest = contracts(feed)
    procs = (proc("every", every.table), proc("newest", newest.table))
    params = (
        Param("postgres", "{{ secret('postgres') }}", "string", True),
        Param("max_offsets_per_trigger", str(PER_BATCH), "int", False),
    )
    job = replace(feed.job(every, newest, procs=procs), params=params)
    run = feed.context(job, every, newest)
    Stream.of(job).execute(run)


@dataclass
class Application:
    """The stream's process, started again whenever it is asked for and gone."""

    feed: TopicHarness
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    def start(self) -> None:
        config = self.folder / "config.yml"
        config.write_text(CONFIG)
        self.starts += 1
        code = (
            "from tests.glue_jobs.streaming.lakebase_feed import application; "
            f"application({self.feed.name!r}, {str(config)!r})"
        )
        with (self.folder / f"log.{self.starts}").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code],
                cwd=project_root(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Spark's JVM is a child of the process; both go at once, and nobody is told."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> int:
        assert self.process
        self.process.terminate()
        return self.process.wait(60)

    def must_live(self) -> None:
        assert self.process
        if self.process.poll() is not None:
            raise AssertionError(
                "the stream ended: " + (self.folder / f"log.{self.starts}").read_text()[-3000:]
            )


@dataclass
class Lakebase:
    """What the table of the Lakebase holds, by psycopg alone."""

    secret: dict[str, str]
    name: str

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            with psycopg.connect(**self.secret) as connection:
                return list(connection.execute(sql).fetchall())
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
            return []

    def batches(self) -> list[int]:
        return [
            batch
            for (batch,) in self.ask(
                f"SELECT batch FROM gold_db._batches WHERE table_name = '{self.name}' ORDER BY batch"
            )
        ]

    def offsets(self) -> int:
        """The greatest offset of each partition, summed, plus one each: how far the stream is."""
        rows = self.ask(
            "SELECT coalesce(sum(top + 1), 0) FROM (SELECT max(kafka_offset) AS top "
            f"FROM gold_db.{self.name} GROUP BY kafka_partition) t"
        )
        return int(rows[0][0]) if rows else 0

    def staging(self) -> set[str]:
        """Each attempt at a batch has a table of its own."""
        return {
            name
            for (name,) in self.ask(
                "SELECT tablename FROM pg_tables "
                "WHERE schemaname = 'gold_db' AND starts_with(tablename, '_staging')"
            )
        }
