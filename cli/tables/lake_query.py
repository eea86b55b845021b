"""Answers a query over the Delta tables of a local world, each as it is or as it was."""

from __future__ import annotations

from typing import Any

from cli.tables.duckdb_engine import run_query
from cli.tables.layer_names import named_tables
from cli.tables.storage import arrow_dataset, refuse_lakebase, refuse_unknown
from cli.tables.time_travel import state_of
from cli.tables.versions import At, open_table, version_at
from glue_jobs.errors import RunError
from lakehouse.environments import Environment

# How S3, its clients and Arrow say that an object is gone.
_GONE = ("NoSuchKey", "NotFound", "Object at location", "No such file", "404")


def lake_query(env: Environment, sql: str, at: At | None) -> tuple[list[str], list[tuple[Any, ...]]]:
    """No Spark: the tables are read as any other engine would read them.

    Raises RunError: RUN604 for a version that a table does not have, or one for several tables; RUN605 when
    its files are deleted.
    """
    named = sorted({f"{database}.{state_of(table)[0]}" for database, table in named_tables(sql, "duckdb")})
    if at is not None and at.version is not None and len(named) > 1:
        raise RunError(
            f"each table counts its own versions, and the query names {', '.join(named)}; "
            "write `… VERSION AS OF N` behind each, or use --as-of",
            code="RUN604",
        )

    def rows_of(view: str) -> Any:
        table, state = state_of(view)
        expected = state or at
        try:
            version = version_at(env, table, expected) if expected else None
            return arrow_dataset(env, open_table(env, table, version))
        except RunError as error:
            if error.code == "RUN201":
                refuse_lakebase(table)
                refuse_unknown(table)
            raise

    try:
        return run_query(sql, rows_of)
    except (RunError, OSError) as error:
        old = at is not None or any(state_of(table)[1] for _, table in named_tables(sql, "duckdb"))
        if old and any(word in str(error) for word in _GONE) and getattr(error, "code", "RUN060") == "RUN060":
            raise gone(env, ", ".join(named)) from None
        raise


def gone(env: Environment, tables: str) -> RunError:
    """The error of a version whose files maintenance has deleted."""
    hours = env.maintenance.retain_hours
    return RunError(
        f"files of an old version of {tables} are deleted: maintenance keeps them for {hours} h "
        "(maintenance.retain_hours); S3 keeps deleted objects for stack.retention.noncurrent_days",
        code="RUN605",
    )
