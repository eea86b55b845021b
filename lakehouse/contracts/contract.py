"""A contract as the platform uses it: typed columns in order, keys, and the rules that rows must keep."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from lakehouse.contracts.document import ColumnLake, Document, Property, TableLake
from lakehouse.contracts.nested_types import NestedTypeError, nested_type

METADATA = (
    ("_ingest_ts", "timestamp"),
    ("_batch_id", "string"),
    ("_source_system", "string"),
    ("_run_date", "date"),
)

_BY_FORMAT = {("string", "date"): "date", ("string", "date-time"): "timestamp"}
_BY_TYPE = {"string": "string", "integer": "bigint", "number": "double", "boolean": "boolean"}
_SPARK_TYPE = re.compile(
    r"^(string|boolean|tinyint|smallint|int|bigint|float|double|date|timestamp|binary"
    r"|decimal\(\d{1,2},\d{1,2}\))$"
)
NESTED = re.compile(r" *(array|map|struct) *<")
# JSON Schema's formats as regular expressions that Spark, RE2 and Python match alike.
FORMATS = {
    # A point that is neither the first nor the last character after the @: the first such one, so that no
    # long text is looked through twice.
    "email": r"^[^@\s]+@[^@\s][^@\s.]*\.[^@\s]+$",
    "uuid": r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$",
}


@dataclass(frozen=True)
class Column:
    """One column: its Spark type, whether a value may be null, its JSON Schema, and whether a source must
    have the column at all.
    """

    name: str
    type: str
    nullable: bool
    schema: Property
    required: bool = True

    @property
    def lake(self) -> ColumnLake:
        return self.schema.x_lake

    @property
    def source_name(self) -> str:
        return self.lake.source or self.name

    def rules(self) -> Iterator[tuple[str, Any]]:
        """(rule, bound) for each row-level constraint, by its JSON Schema name."""
        if not self.nullable:
            yield "required", True
        if self.schema.format in FORMATS:
            yield "format", FORMATS[self.schema.format]
        for rule in (
            "pattern",
            "enum",
            "minimum",
            "maximum",
            "exclusive_minimum",
            "exclusive_maximum",
            "min_length",
            "max_length",
        ):
            bound = getattr(self.schema, rule)
            if bound is not None:
                yield rule, bound


@dataclass(frozen=True)
class Contract:
    """What is true of one table. `table` is `<layer>.<name>`."""

    table: str
    title: str
    description: str
    columns: tuple[Column, ...]
    lake: TableLake

    @cached_property
    def layer(self) -> str:
        return self.table.split(".")[0]

    @cached_property
    def name(self) -> str:
        return self.table.split(".")[1]

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {c.name: c for c in self.columns}

    @cached_property
    def stored(self) -> tuple[tuple[str, str], ...]:
        """(name, Spark type) of every column of the stored table; ingested tables have four metadata columns
        more.
        """
        columns = tuple((c.name, c.type) for c in self.columns)
        return columns + METADATA if self.layer == "bronze" and self.lake.write == "append" else columns

    @cached_property
    def ddl(self) -> str:
        return ", ".join(f"`{name}` {kind}" for name, kind in self.stored)

    @cached_property
    def primary_key(self) -> tuple[str, ...]:
        return tuple(self.lake.primary_key)

    def part(self, columns: Collection[str]) -> Contract:
        """The contract of rows that have only these columns, without the rules that name another one."""
        lacking = {*self.column_names} - {*columns}
        rules = [rule for rule in self.lake.rules if not rule.names_any(lacking)]
        retained = tuple(column for column in self.columns if column.name in columns)
        return replace(self, columns=retained, lake=self.lake.model_copy(update={"rules": rules}))

    def looked_up(self, table: str) -> tuple[str, ...]:
        """The columns of another table that columns of this one state as their reference or origin."""
        origins = [o for c in self.columns for o in (c.lake.reference, *c.lake.derived_from) if o]
        columns = [column for origin in origins for of, _, column in [origin.rpartition(".")] if of == table]
        return tuple(dict.fromkeys(columns))

    @cached_property
    def stats_columns(self) -> tuple[str, ...]:
        """Columns with min/max statistics in the log: keys, times and columns that readers filter by."""
        named = [
            *self.lake.primary_key,
            self.lake.sequence,
            self.lake.watermark_column,
            self.lake.recompute_by,
            *self.lake.cluster_by,
        ]
        if self.stored[-1] == METADATA[-1]:
            named.append("_run_date")
        return tuple(dict.fromkeys(n for n in named if n and n not in self.lake.partition_by))


def spark_type(column: Property) -> tuple[str, bool] | None:
    """(Spark type, nullable by its JSON type), or None where the JSON type is ambiguous."""
    kinds = column.type if isinstance(column.type, list) else [column.type]
    plain = [k for k in kinds if k != "null"]
    if len(plain) != 1:
        return None
    named = column.x_lake.type
    if named is not None and NESTED.match(named):
        try:
            return str(nested_type(named)), "null" in kinds
        except NestedTypeError:
            return None
    if named is not None:
        return (named, "null" in kinds) if _SPARK_TYPE.fullmatch(named) and _decimal_fits(named) else None
    kind = _BY_FORMAT.get((plain[0], column.format or ""), _BY_TYPE.get(plain[0]))
    return (kind, "null" in kinds) if kind else None


def _decimal_fits(named: str) -> bool:
    """Spark's decimals have at most 38 digits, of which none is more than there are behind the point."""
    digits = re.fullmatch(r"decimal\((\d+),(\d+)\)", named)
    return digits is None or int(digits[2]) <= int(digits[1]) <= 38


def contract_of(table: str, doc: Document) -> Contract:
    """The contract of a document without faults."""
    columns = []
    for name, column in doc.properties.items():
        typed = spark_type(column)
        assert typed is not None, f"{table}.{name}"
        columns.append(
            Column(name, typed[0], typed[1] or name not in doc.required, column, name in doc.required)
        )
    return Contract(table, doc.title, doc.description, tuple(columns), doc.x_lake)
