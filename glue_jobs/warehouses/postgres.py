"""Micro-batches into the Lakebase, each exactly once: rows and the note that they are in it are one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from glue_jobs.connections.postgres import Login, from_spark_error
from glue_jobs.connections.sql_names import quoted
from glue_jobs.warehouses.postgres_table import MARK, LakebaseTable
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    import psycopg
    from pyspark.sql import Column, DataFrame

    Rows = DataFrame | Callable[[], Iterator[DataFrame]]

log = logging.getLogger(__name__)

BATCHES = "_batches"
_KEPT_BATCHES = 1000
# Connections of one write at most.
_WRITERS = 16
# Rows in memory of a task at a time. Spark's own 1,000 are no faster, and may be a megabyte each.
_STATEMENT_ROWS = 64
_NUL, _INSTEAD = "\0", "\ufffd"
_MEMORY = "64MB"
_LOCK_WAIT = "5s"


class LakebaseWriter:
    """Tables `<layer>_db.<name>` of the Lakebase, and `<layer>_db._batches` beside them, which says what has been written.

    Timestamps are TIMESTAMPTZ. PostgreSQL's text holds no NUL character: U+FFFD stands in its place.
    """

    def __init__(self, secret: Mapping[str, str]) -> None:
        self._login = Login.of(secret)

    def upsert(self, contract: Contract, rows: Rows, *, stream: str, batch: int) -> int | None:
        """Rows that were inserted or updated by this batch of a stream; those that the table has newer are not among them.

        `rows` may be a function that gives them in portions: it is called for each attempt, so that rows which count themselves begin anew with
        each, and not at all where there is nothing to write.

        A batch that is recorded, or older than one that is, changes nothing: what it wrote is answered, None where that is no longer known.
        Raises LakebaseError; then nothing of the batch is in the table.
        """
        table = LakebaseTable.of(contract)
        return self._login.with_retries(lambda: self._write(table, rows, stream, batch))

    def _write(self, table: LakebaseTable, rows: Rows, stream: str, batch: int) -> int | None:
        prefix, name = table.staging(stream)
        staging = f"{quoted(table.schema)}.{quoted(name)}"
        with self._login.session() as connection:
            with connection.transaction():
                _lock(connection, table)
                self._prepare(connection, table)
                written = _recorded(connection, table, stream, batch)
                if written is not None:
                    return written[0]
                _drop_left_behind(connection, table.schema, prefix)
                table.make_staging(connection, staging)
            try:
                for portion in rows() if callable(rows) else (rows,):
                    self._send(connection, table, portion, staging)
                return _settle(connection, table, staging, stream, batch)
            except BaseException:
                _quietly(connection, f"DROP TABLE IF EXISTS {staging}")
                raise

    def _prepare(self, connection: psycopg.Connection[Any], table: LakebaseTable) -> None:
        schema = table.schema
        if not _one(connection, "SELECT count(*) FROM pg_namespace WHERE nspname = %s", schema)[0]:
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (schema,))
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
        if _one(connection, "SELECT to_regclass(%s)", _batches(schema))[0] is None:
            # Two tables of a schema may be the first at the same time.
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (schema,))
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {_batches(schema)} (stream text, table_name text, batch bigint, rows bigint NOT NULL, "
                "written_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (stream, table_name, batch))"
            )
        table.prepare(connection)

    def _send(
        self, connection: psycopg.Connection[Any], table: LakebaseTable, rows: DataFrame, staging: str
    ) -> None:
        """In parallel by Spark's JDBC writer, a transaction for each task: one that is repeated leaves the same rows a second time."""
        from pyspark.sql import functions as F

        texts = {name for name, kind in table.contract.stored if kind == "string"}

        def clean(name: str) -> Column:
            value = F.col(f"`{name}`")
            if name not in texts:
                return value
            # To look for one takes a fraction of the time of replacing none.
            return (
                F.when(F.contains(value, F.lit(_NUL)), F.replace(value, F.lit(_NUL), F.lit(_INSTEAD)))
                .otherwise(value)
                .alias(name)
            )

        options = {
            **self._login.jdbc(), "dbtable": staging, "batchsize": str(_STATEMENT_ROWS), "numPartitions": str(_WRITERS),
            "reWriteBatchedInserts": "true",
        }  # fmt: skip
        try:
            rows.select(*map(clean, table.shape.types)).write.format("jdbc").options(**options).mode(
                "append"
            ).save()
        except Exception as error:
            # Where the server went away, this session did too, and says so more clearly.
            connection.execute("SELECT 1")
            raise from_spark_error(error) from None


def _settle(
    connection: psycopg.Connection[Any], table: LakebaseTable, staging: str, stream: str, batch: int
) -> int | None:
    """The one transaction. Another writer of the batch may have been quicker."""
    import psycopg

    with connection.transaction():
        _lock(connection, table)
        written = _recorded(connection, table, stream, batch)
        if written is None:
            # It is the first row, so that it is found at once.
            if not _one(connection, f"SELECT EXISTS (SELECT 1 FROM {staging} WHERE {MARK})")[0]:
                # Behind a proxy this session outlives a crash of the server, and the rows of an unlogged table do not.
                raise psycopg.OperationalError("the server crashed and lost what was staged")
            # Compiling the statement takes longer than it saves.
            connection.execute(f"SET LOCAL work_mem = '{_MEMORY}'; SET LOCAL jit = off")
            written = (connection.execute(table.upsert(staging)).rowcount,)
            connection.execute(
                f"INSERT INTO {_batches(table.schema)} (stream, table_name, batch, rows) VALUES (%s, %s, %s, %s)",
                (stream, table.contract.name, batch, written[0]),
            )
            connection.execute(
                f"DELETE FROM {_batches(table.schema)} WHERE stream = %s AND table_name = %s AND batch < %s",
                (stream, table.contract.name, batch - _KEPT_BATCHES),
            )
        connection.execute(f"DROP TABLE {staging}")
    return written[0]


def _recorded(
    connection: psycopg.Connection[Any], table: LakebaseTable, stream: str, batch: int
) -> tuple[int | None] | None:
    """(what the batch wrote,) when it or a later one of its stream is recorded. Spark begins a batch when the one before it is done."""
    newest, rows = _one(
        connection,
        f"SELECT max(batch), max(rows) FILTER (WHERE batch = %s) FROM {_batches(table.schema)} WHERE stream = %s AND table_name = %s",
        batch, stream, table.contract.name,
    )  # fmt: skip
    return (rows,) if newest is not None and newest >= batch else None


def _lock(connection: psycopg.Connection[Any], table: LakebaseTable) -> None:
    """One writer of a table at a time, until the transaction ends: two would wait for each other's rows in different orders. Readers go on."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (table.shape.name,))


def _drop_left_behind(connection: psycopg.Connection[Any], schema: str, prefix: str) -> None:
    """Staging tables of attempts that were killed. A task that outlived its driver may still hold one; the next batch will get it."""
    import psycopg

    left = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s AND starts_with(tablename, %s)",
        (schema, prefix),
    )
    for (name,) in left.fetchall():
        log.warning("dropping a staging table that an earlier attempt left behind", extra={"table": name})
        try:
            with connection.transaction():
                connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'")
                connection.execute(f"DROP TABLE IF EXISTS {quoted(schema)}.{quoted(name)}")
        except psycopg.errors.LockNotAvailable:
            log.warning("a staging table is still in use", extra={"table": name})


def _batches(schema: str) -> str:
    return f"{quoted(schema)}.{quoted(BATCHES)}"


def _one(connection: psycopg.Connection[Any], sql: str, *values: Any) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(sql, values or None).fetchone()
    assert row is not None
    return row


def _quietly(connection: psycopg.Connection[Any], sql: str) -> None:
    """On the way out of an error that is more worth telling; what stays behind goes with the next batch."""
    try:
        connection.execute(sql)
    except Exception:  # noqa: S110
        pass
