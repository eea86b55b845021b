"""The SQL of a staged merge: text only, the same for every warehouse but for the types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from glue_jobs.connections.sql_names import quoted
from glue_jobs.warehouses.warehouse import Mode, WarehouseError
from lakehouse.contracts import Contract

_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)$")
# Redshift counts bytes, and a character has up to four.
_BYTES_PER_CHARACTER, _LONGEST = 4, 65_535

REDSHIFT = {
    "boolean": "BOOLEAN", "tinyint": "SMALLINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT",
    "float": "REAL", "double": "DOUBLE PRECISION", "date": "DATE", "timestamp": "TIMESTAMP",
}  # fmt: skip
SNOWFLAKE = {
    "boolean": "BOOLEAN", "tinyint": "NUMBER(3,0)", "smallint": "NUMBER(5,0)", "int": "NUMBER(10,0)", "bigint": "NUMBER(19,0)",
    "float": "FLOAT", "double": "FLOAT", "date": "DATE", "timestamp": "TIMESTAMP_NTZ(6)", "string": "VARCHAR", "binary": "BINARY",
}  # fmt: skip
# As PostgreSQL's catalog spells them.
POSTGRES = {
    "boolean": "boolean", "tinyint": "smallint", "smallint": "smallint", "int": "integer", "bigint": "bigint",
    "float": "real", "double": "double precision", "date": "date", "timestamp": "timestamp with time zone", "string": "text", "binary": "bytea",
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """A published table: its qualified name, its columns in order with their SQL types, and how the warehouse spells names."""

    contract: Contract
    name: str
    types: Mapping[str, str]
    fold: Callable[[str], str]

    def column(self, name: str) -> str:
        return quoted(self.fold(name))

    @property
    def columns(self) -> str:
        return ", ".join(self.column(name) for name in self.types)

    def definition(self, name: str) -> str:
        """Only keys are NOT NULL there: a column that the contract drops later must not stop the publish."""
        return f"{self.column(name)} {self.types[name]}{' NOT NULL' if name in self.contract.primary_key else ''}"

    def merge(self, staging: str, mode: Mode, days: int) -> list[tuple[str, bool]]:
        """(statement, whether the days are bound to it), to run in one transaction."""
        return [
            (self._clear(staging, mode, days), mode == "replace_days"),
            (f"INSERT INTO {self.name} ({self.columns}) SELECT {self.columns} FROM {staging}", False),
        ]

    def _clear(self, staging: str, mode: Mode, days: int) -> str:
        if mode == "merge":
            same = " AND ".join(
                f"{self.name}.{self.column(key)} = {staging}.{self.column(key)}"
                for key in self.contract.primary_key
            )
            return f"DELETE FROM {self.name} USING {staging} WHERE {same}"
        # Not TRUNCATE: it would commit.
        if mode == "replace":
            return f"DELETE FROM {self.name}"
        day = self.contract.lake.recompute_by
        if day is None:
            raise WarehouseError(
                f"{self.contract.table}: its contract has no recompute_by, so it cannot be published by days",
                code="RUN403",
            )
        return f"DELETE FROM {self.name} WHERE {self.column(day)} IN ({', '.join(['%s'] * days)})"


def shape(contract: Contract, schema: str, types: Mapping[str, str], fold: Callable[[str], str]) -> Shape:
    """`schema` is qualified and quoted. Raises WarehouseError (RUN403) for a type that no warehouse column can hold."""
    known = {name: _sql_type(contract, name, kind, types) for name, kind in contract.stored}
    return Shape(contract, f"{schema}.{quoted(fold(contract.name))}", known, fold)


def _sql_type(contract: Contract, name: str, kind: str, types: Mapping[str, str]) -> str:
    decimal = _DECIMAL.match(kind)
    if decimal:
        return f"NUMERIC({decimal[1]},{decimal[2]})"
    if kind == "string" and kind not in types:
        column = contract.by_name.get(name)
        longest = column.schema.max_length if column else None
        return f"VARCHAR({min(_LONGEST, longest * _BYTES_PER_CHARACTER) if longest else _LONGEST})"
    if kind not in types:
        raise WarehouseError(
            f"{contract.table}.{name}: {kind} has no place in a warehouse column; publish it as a string",
            code="RUN403",
        )
    return types[kind]


def missing_columns(table: Shape, there: Sequence[str]) -> list[str]:
    """Contract columns that the published table lacks. Raises WarehouseError (RUN403) when one of them is a key."""
    have = {name.casefold() for name in there}
    missing = [name for name in table.types if name.casefold() not in have]
    keys = [name for name in missing if name in table.contract.primary_key]
    if keys:
        raise WarehouseError(
            f"{table.contract.table}: the published {table.name} lacks key column {', '.join(keys)}; drop it, and the next run fills it anew",
            code="RUN403",
        )
    return missing


def check_types(table: Shape, there: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """`there`, `wanted`: column → type as the warehouse itself spells it. Raises WarehouseError (RUN403) naming every column of another type."""
    other = [
        f"{name} is {there[name]}, the contract wants {kind}"
        for name, kind in wanted.items()
        if name in there and there[name] != kind
    ]
    if other:
        raise WarehouseError(
            f"{table.contract.table}: the published {table.name} has other types: {'; '.join(other)}; drop it, and publish the table whole",
            code="RUN403",
        )
