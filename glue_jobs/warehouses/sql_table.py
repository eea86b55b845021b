"""The SQL of a published table and of its staged merge.

Warehouses differ only in types and in the case of names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from glue_jobs.connections.sql_names import quoted
from glue_jobs.warehouses.warehouse import Mode, WarehouseError
from lakehouse.contracts import Contract

# The column of a staging table that is true for a key that the table no longer has.
DELETED = "_deleted"
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)$")
# Redshift counts the bytes of a VARCHAR, and a UTF-8 character has up to four.
_BYTES_PER_CHARACTER, _MAX_VARCHAR = 4, 65_535


@dataclass(frozen=True)
class SqlTable:
    """A published table: its qualified name, its columns in order with SQL types, and the case of names.

    `fold`: what the warehouse does to unquoted names, str.upper, str.lower or str.
    """

    contract: Contract
    name: str
    types: Mapping[str, str]
    fold: Callable[[str], str]

    def column(self, name: str) -> str:
        """The quoted name of a column."""
        return quoted(self.fold(name))

    @property
    def columns(self) -> str:
        """All columns, for an INSERT."""
        return ", ".join(self.column(name) for name in self.types)

    def definition(self, name: str, kind: str | None = None) -> str:
        """A column of CREATE TABLE, by default of the table's own type.

        Only keys are NOT NULL: a column that the contract drops later must accept nulls.
        """
        constraint = " NOT NULL" if name in self.contract.primary_key else ""
        return f"{self.column(name)} {kind or self.types[name]}{constraint}"

    def staging_columns(self, mode: Mode) -> dict[str, str]:
        """The columns of a staging table with their types: a merge stages deleted keys too."""
        return {**self.types, **({DELETED: "BOOLEAN"} if mode == "merge" else {})}

    def merge(self, staging: str, mode: Mode, days: int) -> list[tuple[str, bool]]:
        """(statement, whether it binds the days) of the merge, for one transaction."""
        present = f" WHERE NOT {self.column(DELETED)}" if mode == "merge" else ""
        return [
            (self._delete(staging, mode, days), mode == "replace_days"),
            (
                f"INSERT INTO {self.name} ({self.columns}) SELECT {self.columns} FROM {staging}{present}",
                False,
            ),
        ]

    def published(self, staging: str, mode: Mode, days: int) -> str:
        """The condition on the rows of the table that a publish in this mode has replaced."""
        if mode == "merge":
            return f"EXISTS (SELECT 1 FROM {staging} WHERE {self._on_key(staging)})"
        return self._of_days(days) if mode == "replace_days" else "1 = 1"

    def _delete(self, staging: str, mode: Mode, days: int) -> str:
        if mode == "merge":
            return f"DELETE FROM {self.name} USING {staging} WHERE {self._on_key(staging)}"
        # TRUNCATE would commit the transaction.
        if mode == "replace":
            return f"DELETE FROM {self.name}"
        return f"DELETE FROM {self.name} WHERE {self._of_days(days)}"

    def _on_key(self, staging: str) -> str:
        return " AND ".join(
            f"{self.name}.{self.column(key)} = {staging}.{self.column(key)}"
            for key in self.contract.primary_key
        )

    def _of_days(self, days: int) -> str:
        day = self.contract.lake.recompute_by
        if day is None:
            raise WarehouseError(
                f"{self.contract.table}: its contract has no recompute_by, so it cannot be published by days",
                code="RUN403",
            )
        return f"{self.column(day)} IN ({', '.join(['%s'] * days)})"


def sql_table(
    contract: Contract, schema: str, types: Mapping[str, str], fold: Callable[[str], str]
) -> SqlTable:
    """The table of a contract. `schema` is qualified and quoted; `types`: Spark type → SQL type.

    Raises WarehouseError (RUN403) for a type that no column of the warehouse can hold.
    """
    columns = {name: _sql_type(contract, name, kind, types) for name, kind in contract.stored}
    return SqlTable(contract, f"{schema}.{quoted(fold(contract.name))}", columns, fold)


def _sql_type(contract: Contract, name: str, kind: str, types: Mapping[str, str]) -> str:
    decimal = _DECIMAL.match(kind)
    if decimal:
        return f"NUMERIC({decimal[1]},{decimal[2]})"
    if kind == "string" and kind not in types:
        column = contract.by_name.get(name)
        max_length = column.schema.max_length if column else None
        size = min(_MAX_VARCHAR, max_length * _BYTES_PER_CHARACTER) if max_length else _MAX_VARCHAR
        return f"VARCHAR({size})"
    if kind not in types:
        raise WarehouseError(
            f"{contract.table}.{name}: no column of a warehouse can hold {kind}; publish it as a string",
            code="RUN403",
        )
    return types[kind]


def missing_columns(table: SqlTable, published: Sequence[str]) -> list[str]:
    """Contract columns that the published table lacks.

    Raises WarehouseError (RUN403) when one of them is a key.
    """
    present = {name.casefold() for name in published}
    missing = [name for name in table.types if name.casefold() not in present]
    keys = [name for name in missing if name in table.contract.primary_key]
    if keys:
        raise WarehouseError(
            f"{table.contract.table}: the published {table.name} lacks key column {', '.join(keys)}; "
            "drop it, and the next run creates it again",
            code="RUN403",
        )
    return missing


def check_types(table: SqlTable, published: Mapping[str, str], expected: Mapping[str, str]) -> None:
    """`published`, `expected`: column → type as the warehouse spells it.

    Raises WarehouseError (RUN403) that names every published column of another type.
    """
    differences = [
        f"{name} is {published[name]}, the contract wants {kind}"
        for name, kind in expected.items()
        if name in published and published[name] != kind
    ]
    if differences:
        raise WarehouseError(
            f"{table.contract.table}: the published {table.name} has other types: {'; '.join(differences)}; "
            "drop it, and publish the table whole",
            code="RUN403",
        )
