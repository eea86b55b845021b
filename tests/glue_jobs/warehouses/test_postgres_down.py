"""A Lakebase that is down, refuses, restarts or crashes in the middle of a batch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from glue_jobs.connections import postgres
from glue_jobs.connections.postgres import Login
from glue_jobs.connections.retry import RetryPolicy
from glue_jobs.errors import RunError
from lakehouse.environments import Environment
from local_aws.control import restart_service, start_service, stop_service
from tests.glue_jobs.warehouses.lakebase import EVENTS, Lakebase

ROWS = 80_000


@pytest.fixture
def workdir(local_env: Environment) -> Iterator[Path]:
    """Of the world, whose PostgreSQL is up again afterwards."""
    folder = Path(os.environ["LAKEHOUSE_OVERLAY"]).parent
    yield folder
    start_service(folder, "postgres")


def test_a_server_that_stays_down_is_one_error_without_the_password(
    lakebase: Lakebase, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        postgres, "RETRY_POLICY", RetryPolicy(tries=3, first_wait=0.01, max_wait=0.05, max_total=20)
    )
    stop_service(workdir, "postgres")
    with pytest.raises(
        RunError, match=r"the Lakebase at 127\.0\.0\.1:\d+ cannot be reached, 3 tries: .*refused"
    ) as fault:
        lakebase.write(0, (1, "a", 1, False))
    assert fault.value.code == "RUN420"
    assert lakebase.secret["password"] not in str(fault.value)
    assert fault.value.__cause__ is None


def test_a_server_that_comes_back_is_waited_for(lakebase: Lakebase, workdir: Path) -> None:
    lakebase.write(0, (1, "a", 1, False))
    stop_service(workdir, "postgres")
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(lakebase.write, 1, (1, "b", 2, False))
        start_service(workdir, "postgres")
        assert written.result() == 1
    assert lakebase.stored() == [(1, "b", 2, False)]


@pytest.mark.parametrize("crash", [False, True], ids=["restart", "crash"])
@pytest.mark.parametrize("when", ["staging", "staged"])
def test_a_server_that_goes_away_in_the_middle_of_a_batch_gets_all_of_it_once(
    lakebase: Lakebase, workdir: Path, crash: bool, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash empties unlogged tables.

    `staging`: as soon as a task has committed rows, while others go on; `staged`: when all of them are there.
    """
    lakebase.write(0, (0, "a", 1, False))
    rows = lakebase.spark.range(0, ROWS, 1, 8).selectExpr(
        "id", "string(id) value", "2L seq", "false is_deleted"
    )
    gone: list[str] = []
    send = lakebase.writer._send  # the only way to be there in time without guessing how long anything takes

    def interrupted(
        connection: psycopg.Connection[object], table: object, frame: object, staging: str
    ) -> None:
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(send, connection, table, frame, staging)  # type: ignore[arg-type]
            if not gone:
                expected = ROWS if when == "staged" else 1
                while _committed(lakebase, staging) < expected and not sent.done():
                    pass
                gone.append(staging)
                restart_service(workdir, "postgres", crash=crash)
            sent.result()

    monkeypatch.setattr(lakebase.writer, "_send", interrupted)
    assert lakebase.writer.upsert(lakebase.contract, rows, stream=lakebase.stream, batch=1) == ROWS
    assert len(gone) == 1
    assert lakebase.run("SELECT count(*), count(DISTINCT value), sum(id), min(seq), max(seq) FROM {t}") == [
        (ROWS, ROWS, ROWS * (ROWS - 1) // 2, 2, 2)
    ]
    assert [(batch, rows) for _, batch, rows in lakebase.recorded()] == [(0, 1), (1, ROWS)]
    assert lakebase.left_behind() == []


def _committed(lakebase: Lakebase, staging: str) -> int:
    return int(lakebase.run(f"SELECT count(*) FROM {staging} WHERE _whole IS NULL")[0][0])


def test_a_reply_that_is_lost_after_the_commit_does_not_write_twice(
    lakebase: Lakebase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction is in, and the writer is told that the connection broke."""
    from glue_jobs.warehouses import postgres

    lakebase.contract = lakebase.of(EVENTS, sequence=None, delete_flag=None)
    commit, lost = postgres._commit, []

    def losing(*given: object) -> int | None:
        written = commit(*given)  # type: ignore[arg-type]
        if not lost:
            lost.append(written)
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return written

    monkeypatch.setattr(postgres, "_commit", losing)
    assert lakebase.write(0, (1, "a", 1, None)) == 1
    assert lost == [1]
    assert [(batch, rows) for _, batch, rows in lakebase.recorded()] == [(0, 1)]


def test_rows_that_count_themselves_begin_anew_with_each_attempt(lakebase: Lakebase, workdir: Path) -> None:
    """Of an attempt that fails half-way, Spark gives the half as the count."""
    attempts: list[list[Observation]] = []

    def portion(low: int, high: int) -> DataFrame:
        attempts[-1].append(Observation())
        events = lakebase.spark.range(low, high, 1, 4).selectExpr(
            "id", "string(id) value", "1L seq", "false is_deleted"
        )
        return events.observe(attempts[-1][-1], F.count(F.lit(1)).alias("rows"))

    def rows() -> Iterator[DataFrame]:
        attempts.append([])
        yield portion(0, 600)
        if len(attempts) == 1:
            restart_service(workdir, "postgres", crash=True)
        yield portion(600, 1000)

    assert lakebase.writer.upsert(lakebase.contract, rows, stream=lakebase.stream, batch=0) == 1000
    assert len(attempts) == 2
    assert [count.get["rows"] for count in attempts[-1]] == [600, 400]


def test_rows_that_a_crash_took_from_the_staging_table_are_sent_again(
    lakebase: Lakebase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a proxy the session lives on; what is left of an unlogged table is its name."""
    emptied: list[str] = []
    send = lakebase.writer._send

    def emptying(connection: psycopg.Connection[object], table: object, frame: object, staging: str) -> None:
        send(connection, table, frame, staging)  # type: ignore[arg-type]
        if not emptied:
            emptied.append(staging)
            connection.execute(f"TRUNCATE {staging}")  # type: ignore[arg-type]

    monkeypatch.setattr(lakebase.writer, "_send", emptying)
    assert lakebase.write(0, (1, "a", 1, False), (2, "b", 1, False)) == 2
    assert [row[0] for row in lakebase.stored()] == [1, 2]


def test_a_wrong_password_is_told_at_once_and_never_shown(lakebase: Lakebase) -> None:
    with pytest.raises(RunError, match="password authentication failed") as fault:
        lakebase.write(0, (1, "a", 1, False), writer=lakebase.writer_with(password="not the right one"))
    assert fault.value.code == "RUN422"
    assert "not the right one" not in str(fault.value)


@pytest.mark.parametrize(("field", "value"), [("host", ""), ("password", ""), ("port", "none")])
def test_a_secret_without_a_field_is_an_error_that_names_it(
    lakebase: Lakebase, field: str, value: str
) -> None:
    with pytest.raises(RunError, match=f"no usable {field}") as fault:
        lakebase.writer_with(**{field: value})
    assert fault.value.code == "RUN424"
    assert lakebase.secret["password"] not in str(fault.value)


def test_tls_that_the_secret_asks_for_is_insisted_on_by_both_ways_in(lakebase: Lakebase) -> None:
    """The world's PostgreSQL has none, so whoever insists is turned away."""
    with pytest.raises(RunError, match=r"(?i)server does not support SSL") as fault:
        lakebase.write(0, (1, "a", 1, False), writer=lakebase.writer_with(sslmode="require"))
    assert fault.value.code == "RUN422"
    options = Login.of({**lakebase.secret, "sslmode": "require"}).jdbc()
    with pytest.raises(Exception, match="The server does not support SSL"):
        lakebase.spark.read.format("jdbc").options(**options, query="SELECT 1 x").load()
    assert lakebase.secret["password"] not in repr(Login.of(lakebase.secret)) + options["url"]
