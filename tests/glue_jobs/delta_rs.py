"""Reads and writes Delta tables by delta-rs: no part of what is tested, and no job of Spark."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from cli.tables.storage import storage_options
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, names

Mode = Literal["append", "overwrite"]
# What each table of the platform has from its first version on.
_PROPERTIES = {"delta.enableChangeDataFeed": "true", "delta.enableDeletionVectors": "false"}
_TYPES = {
    "bigint": pa.int64(),
    "int": pa.int32(),
    "string": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "boolean": pa.bool_(),
    "double": pa.float64(),
}


def table(env: Environment, uri: str) -> DeltaTable:
    return DeltaTable(uri, storage_options=storage_options(env))


def rows(env: Environment, uri: str, *columns: str) -> list[tuple[Any, ...]]:
    """Those columns of the newest version's rows, sorted by their text."""
    stored = table(env, uri).to_pyarrow_table(columns=list(columns)).to_pylist()
    return sorted((tuple(row[name] for name in columns) for row in stored), key=str)


def append_records(
    env: Environment, of: Contract, records: Sequence[Mapping[str, Any]], mode: Mode = "append"
) -> None:
    """Appends rows with all columns of the contract, null where a record has none."""
    columns = [name for name, _ in of.stored]
    append(env, of, of.ddl, *[tuple(record.get(c) for c in columns) for record in records], mode=mode)


def append(env: Environment, of: Contract, ddl: str, *values: tuple[Any, ...], mode: Mode = "append") -> None:
    """Appends rows to the contract's table in one commit; creates it where it is missing.

    `ddl`: the names and types of the values, as Spark writes them.
    """
    schema = schema_of(ddl)
    columns = [pa.array([row[n] for row in values], kind) for n, kind in enumerate(schema.types)]
    write_deltalake(
        names.table_uri(env, of.table),
        pa.Table.from_arrays(columns, schema=schema),
        partition_by=list(of.lake.partition_by) or None,
        mode=mode,
        configuration=_PROPERTIES,
        storage_options=storage_options(env),
    )


def change_nothing(env: Environment, uri: str, commits: int) -> None:
    """Commits that change no row, as maintenance makes them."""
    stored = table(env, uri)
    for number in range(commits):
        stored.alter.set_table_properties({"commits": str(number)}, raise_if_not_exists=False)


def schema_of(ddl: str) -> pa.Schema:
    """The Arrow schema of plain columns, such as `id bigint, price decimal(18,2)`."""
    columns = re.findall(r"`?(\w+)`? (\w+)(?:\((\d+), ?(\d+)\))?", ddl)
    return pa.schema(
        [
            (name, pa.decimal128(int(precision), int(scale)) if precision else _TYPES[kind])
            for name, kind, precision, scale in columns
        ]
    )
