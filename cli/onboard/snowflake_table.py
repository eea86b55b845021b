"""Reads a table of Snowflake: what Snowflake says of its columns, and a sample of its rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cli.onboard.sample import OnboardError, Origin, Sample, StatedType
from glue_jobs.connections.snowflake import NO_SUCH_OBJECT, snowflake
from glue_jobs.connections.sql_names import qualified, quoted
from glue_jobs.observability.secrets import Secrets
from glue_jobs.sources.snowflake_fields import (
    BINARY,
    BOOLEAN,
    DATE,
    DOCUMENTS,
    FIXED,
    NTZ,
    REAL,
    TIMESTAMPS,
    Field,
)
from glue_jobs.sources.source import SourceError
from lakehouse.environments import Environment

if TYPE_CHECKING:
    from snowflake.connector.cursor import SnowflakeCursor

_PLAIN = {REAL: "double", DATE: "date", BOOLEAN: "boolean", BINARY: "binary"}
# Digits that a bigint always holds.
_LONG = 18


def read_table(env: Environment, name: str, table: str, most: int) -> tuple[Origin, Sample]:
    """The table as a source, and at most so many of its rows.

    Raises OnboardError, SourceError and SecretError.
    """
    object_name = _complete(env, name)
    with (
        snowflake(env, Secrets(env), error=SourceError, code="RUN101") as connection,
        connection.cursor() as cursor,
    ):
        described = _described(cursor, object_name)
        key = _primary_key(cursor, object_name)
        rows = _rows(cursor, object_name, described, most)
    if not rows:
        raise OnboardError(f"Snowflake's {object_name} has no row to read the columns from")
    columns = tuple(column.name for column in described)
    sample = Sample({}, columns, rows[:most], whole=len(rows) <= most, key=key)
    types = {c.name: stated_type(c, [row[n] for row in sample.rows]) for n, c in enumerate(described)}
    origin = Origin("snowflake", object_name, f"Rows of Snowflake's {object_name}, as they are.", "the table")
    return origin, replace(sample, types=types)


def _complete(env: Environment, name: str) -> str:
    """`database.schema.table`; what is not named is that of the secret."""
    secret = Secrets(env).get(env.snowflake.secret)
    parts = name.split(".")
    if len(parts) > 3 or not all(parts):
        raise OnboardError(f"'{name}' is no table of Snowflake; wanted [[DATABASE.]SCHEMA.]TABLE")
    usual = [secret.get("database", ""), secret.get("schema", "")]
    whole = [*usual[: 3 - len(parts)], *parts]
    if not all(whole):
        raise OnboardError(
            f"'{name}' names no database, and neither does the secret; wanted DATABASE.SCHEMA.TABLE"
        )
    return ".".join(part.upper() if part.replace("_", "").isalnum() else part for part in whole)


def _described(cursor: SnowflakeCursor, name: str) -> list[Any]:
    from snowflake.connector.errors import ProgrammingError

    try:
        return list(cursor.describe(f"SELECT * FROM {qualified(name, str.upper)}"))
    except ProgrammingError as error:
        if error.errno != NO_SUCH_OBJECT:
            raise
        message = f"Snowflake's {name} does not exist, or the role has no right to read it"
        raise OnboardError(f"RUN103 {message}") from None


def _primary_key(cursor: SnowflakeCursor, name: str) -> tuple[str, ...]:
    """The columns of the primary key in its order; empty where the table states none."""
    cursor.execute(f"SHOW PRIMARY KEYS IN TABLE {qualified(name, str.upper)}")
    positions = {column.name: number for number, column in enumerate(cursor.description)}
    rows: list[Any] = list(cursor.fetchall())
    rows.sort(key=lambda row: int(row[positions["key_sequence"]]))
    return tuple(row[positions["column_name"]] for row in rows)


def _rows(
    cursor: SnowflakeCursor, name: str, described: list[Any], most: int
) -> list[tuple[str | None, ...]]:
    """One row more than `most`, where there are as many: then the sample is not the whole."""
    columns = [
        quoted(column.name)
        if column.type_code in TIMESTAMPS
        else Field(column.name, column.type_code, 38, 0, "string").expression(quoted(column.name))
        for column in described
    ]
    cursor.execute(f"SELECT {', '.join(columns)} FROM {qualified(name, str.upper)} LIMIT {most + 1}")
    rows: list[Any] = cursor.fetchall()
    return [tuple(map(_text, row)) for row in rows]


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return None if value is None else str(value)


def stated_type(column: Any, values: list[str | None]) -> StatedType:
    """The type that holds what a column of Snowflake may hold. `values`: of the sample."""
    code, nullable = column.type_code, bool(column.is_nullable)
    if code == FIXED:
        return replace(_number(column, values), nullable=nullable)
    if code in TIMESTAMPS:
        doubt = "its times name no zone and are taken as UTC" if code == NTZ else ""
        return StatedType("timestamp", nullable, doubt)
    doubt = "objects or lists are kept as their JSON text" if code in DOCUMENTS else ""
    return StatedType(_PLAIN.get(code, "string"), nullable, doubt)


def _number(column: Any, values: list[str | None]) -> StatedType:
    """Snowflake declares every INTEGER as NUMBER(38,0): the values tell whether a bigint is enough."""
    precision, scale = column.precision or 38, column.scale or 0
    if scale:
        return StatedType(f"decimal({precision},{scale})")
    longest = max((len(value.lstrip("-")) for value in values if value), default=0)
    if precision <= _LONG:
        return StatedType("bigint")
    if longest <= _LONG:
        doubt = f"NUMBER({precision},0) holds longer numbers than these: one beyond bigint goes to quarantine"
        return StatedType("bigint", doubt=doubt)
    return StatedType(f"decimal({precision},0)")
