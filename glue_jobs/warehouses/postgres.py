"""Writes micro-batches into the Lakebase exactly once: a batch and its log entry are one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from glue_jobs.connections.postgres import Login, from_spark_error
from glue_jobs.connections.sql_names import quoted
from glue_jobs.warehouses import batch_log
from glue_jobs.warehouses.postgres_table import COMPLETE_MARKER, LakebaseTable
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    import psycopg
    from pyspark.sql import DataFrame

    Rows = DataFrame | Callable[[], Iterator[DataFrame]]

log = logging.getLogger(__name__)

# Connections of one write at most.
_WRITERS = 16
# Rows that a task holds in memory. Spark's default of 1,000 is no faster, and each row may be a megabyte.
_STATEMENT_ROWS = 64
_MEMORY = "64MB"
_LOCK_WAIT = "5s"


class LakebaseWriter:
    """Writes tables `<layer>_db.<name>` of the Lakebase, and records each batch in `<layer>_db._batches`.

    Timestamps are TIMESTAMPTZ. PostgreSQL holds no text with NUL: a stream quarantines such a row by a rule
    of its own, and one that comes here all the same is an error (RUN423).
    """

    def __init__(self, secret: Mapping[str, str]) -> None:
        self._login = Login.of(secret)

    def upsert(self, contract: Contract, rows: Rows, *, stream: str, batch: int) -> int | None:
        """Writes a batch of a stream; returns the rows that were inserted or updated.

        Rows that are older than the table's do not count.

        `rows` may be a function that returns the batch in portions. Every attempt calls it, so that rows that
        count themselves begin anew; it is not called when there is nothing to write. A batch that is
        recorded, or older than a recorded one, changes nothing: the return value is what it wrote, None where
        that is not known any more. Raises LakebaseError; then the table holds nothing of the batch.
        """
        table = LakebaseTable.of(contract)
        return self._login.with_retries(lambda: self._write(table, rows, stream, batch))

    def _write(self, table: LakebaseTable, rows: Rows, stream: str, batch: int) -> int | None:
        prefix, name = table.staging(stream)
        staging = f"{quoted(table.schema)}.{quoted(name)}"
        with self._login.session() as connection:
            with connection.transaction():
                batch_log.lock(connection, table)
                batch_log.create(connection, table.schema)
                table.prepare(connection)
                written = batch_log.recorded(connection, table, stream, batch)
                if written is not None:
                    return written[0]
                _drop_abandoned(connection, table.schema, prefix)
                table.create_staging(connection, staging)
            try:
                for portion in rows() if callable(rows) else (rows,):
                    self._send(connection, table, portion, staging)
                return _commit(connection, table, staging, stream, batch)
            except BaseException:
                _drop_quietly(connection, staging)
                raise

    def _send(
        self, connection: psycopg.Connection[Any], table: LakebaseTable, rows: DataFrame, staging: str
    ) -> None:
        """Appends rows to the staging table by Spark's JDBC writer, one transaction per task.

        A task that is repeated appends the same rows a second time; the upsert keeps one row per key.
        """
        options = {
            **self._login.jdbc(),
            "dbtable": staging,
            "batchsize": str(_STATEMENT_ROWS),
            "numPartitions": str(_WRITERS),
            "reWriteBatchedInserts": "true",
        }
        columns = [f"`{name}`" for name in table.sql.types]
        try:
            rows.select(*columns).write.format("jdbc").options(**options).mode("append").save()
        except Exception as error:
            # Where the server went away, this session fails too, with a clearer error.
            connection.execute("SELECT 1")
            raise from_spark_error(error) from None


def _commit(
    connection: psycopg.Connection[Any], table: LakebaseTable, staging: str, stream: str, batch: int
) -> int | None:
    """Moves the staged rows into the table and records the batch, unless another writer did it."""
    import psycopg

    with connection.transaction():
        batch_log.lock(connection, table)
        written = batch_log.recorded(connection, table, stream, batch)
        if written is None:
            # The marker is the first row, so the search is fast.
            complete = f"SELECT EXISTS (SELECT 1 FROM {staging} WHERE {COMPLETE_MARKER})"
            if not batch_log.fetch_row(connection, complete)[0]:
                # Behind a proxy this session survives a crash of the server; the rows of an unlogged table do
                # not.
                raise psycopg.OperationalError("the server crashed and lost the staged rows")
            # JIT compilation of the statement takes longer than it saves.
            connection.execute(f"SET LOCAL work_mem = '{_MEMORY}'; SET LOCAL jit = off")
            written = (connection.execute(table.upsert(staging)).rowcount,)
            batch_log.record(connection, table, stream, batch, written[0])
        connection.execute(f"DROP TABLE {staging}")
    return written[0]


def _drop_abandoned(connection: psycopg.Connection[Any], schema: str, prefix: str) -> None:
    """Drops staging tables of attempts that were killed.

    A task that outlived its driver may still use one; the next batch drops that one.
    """
    import psycopg

    abandoned = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s AND starts_with(tablename, %s)",
        (schema, prefix),
    )
    for (name,) in abandoned.fetchall():
        log.warning("dropping a staging table that an earlier attempt left behind", extra={"table": name})
        try:
            with connection.transaction():
                connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'")
                connection.execute(f"DROP TABLE IF EXISTS {quoted(schema)}.{quoted(name)}")
        except psycopg.errors.LockNotAvailable:
            log.warning("a staging table is still in use", extra={"table": name})


def _drop_quietly(connection: psycopg.Connection[Any], staging: str) -> None:
    """Ignores errors, because another error is being raised; the next batch drops a table that stays."""
    try:
        connection.execute(f"DROP TABLE IF EXISTS {staging}")
    except Exception:  # noqa: S110
        pass
