"""Brings a table that exists to the columns of its contract, or refuses before anything is written.

New columns and another order are commits of metadata. A wider type, and a column that the contract drops, are
one commit that writes the table anew: type widening and column mapping of Delta would raise its reader
version, and other engines could not read it any more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

from glue_jobs.errors import RunError
from glue_jobs.tables import delta_log
from glue_jobs.tables.delta_log import REWRITTEN
from glue_jobs.tables.scd2 import check_key_types
from glue_jobs.tables.target import REQUIRED, Target, with_required_marks
from glue_jobs.tables.type_changes import converted, widens
from lakehouse.contracts import Contract
from lakehouse.reading.faults import nearest


@dataclass(frozen=True)
class _Table:
    """What the log says of a table."""

    version: int
    fields: Mapping[str, StructField]
    properties: Mapping[str, str]
    partitions: tuple[str, ...]


def evolve(target: Target, *, anew: bool = False) -> None:
    """Changes the columns of the table to those of its contract. `anew`: the write replaces the whole table.

    Raises RunError before anything is written: a type that its values do not fit (RUN216), a column that the
    contract lacks (RUN217), nulls in a column that may have none (RUN218), other partitions (RUN219).
    """
    if target.version < 0:
        return
    table, contract = _table(target), target.contract
    expected = _schema(target.spark, contract)
    if anew or contract.lake.write == "replace":
        # The whole table is replaced, its columns too; readers of its changes must know.
        if _types(table.fields) != {f.name: f.dataType.simpleString() for f in expected.fields}:
            _set_properties(target, {REWRITTEN: str(table.version + 2)})
        return
    _refuse(table, expected, contract)
    _check_nulls(target, table, contract)
    stored = [f for f in expected.fields if f.name in table.fields]
    changed = [f.name for f in stored if _differs(table.fields[f.name], f)]
    if changed or any(name in table.fields for name in contract.lake.dropped):
        _rewrite(target, table, expected)
    elif list(table.fields) != expected.names:
        _alter(target, list(table.fields), expected)


def _refuse(table: _Table, wanted: StructType, contract: Contract) -> None:
    name = contract.table
    for field in wanted.fields:
        stored = table.fields.get(field.name)
        if stored is not None and not widens(stored.dataType, field.dataType):
            raise RunError(
                f"{name}: {field.name} is {stored.dataType.simpleString()} in the table and "
                f"{field.dataType.simpleString()} in the contract; "
                "only a wider type holds what is stored. State the table's type again, "
                "or add a column of the new type under another name",
                code="RUN216",
            )
    check_key_types(contract, _types(table.fields), _types({f.name: f for f in wanted.fields}))
    for column in table.fields:
        if column not in wanted.names and column not in contract.lake.dropped:
            added = [n for n in wanted.names if n not in table.fields]
            near = nearest(column, added) or (added[0] if len(added) == 1 else "")
            renamed = f"; if {near} is its new name, keep {column} and fill {near} beside it" if near else ""
            raise RunError(
                f"{name}: the table has a column {column}, which the contract lacks. "
                f"State it again, or name it in x-lake.dropped, which deletes its values{renamed}",
                code="RUN217",
            )
    partitions = tuple(contract.lake.partition_by)
    if table.partitions != partitions:
        raise RunError(
            f"{name}: the table is partitioned by {', '.join(table.partitions) or 'nothing'}, "
            f"the contract says {', '.join(partitions) or 'nothing'}. "
            "State the table's partitions, or make the table anew",
            code="RUN219",
        )


def _check_nulls(target: Target, table: _Table, contract: Contract) -> None:
    """Reads the table only when its contract forbids nulls in a column that may have had some."""
    required = sorted(c.name for c in contract.columns if not c.nullable)
    marked = [f.name for f in table.fields.values() if f.metadata.get(REQUIRED)]
    declared = table.properties.get(REQUIRED)
    if declared is None and not marked:
        return  # a table that was made before columns were marked
    existing = sorted(declared.split(",") if declared is not None else marked)
    if existing == required:
        return
    new = [name for name in required if name not in existing and name in table.fields]
    if new:
        condition = " OR ".join(f"`{name}` IS NULL" for name in new)
        row = delta_log.pinned_rows(target.spark, target.uri, table.version).where(condition).limit(1)
        nulls = row.select(*[F.col(f"`{name}`").isNull().alias(name) for name in new]).collect()
        if nulls:
            column = next(name for name in new if nulls[0][name])
            raise RunError(
                f"{contract.table}: {column} may be null no longer, and stored rows are null. "
                "Let it be null, or fill those rows first",
                code="RUN218",
            )
    _set_properties(target, {REQUIRED: ",".join(required)})


def _rewrite(target: Target, table: _Table, wanted: StructType) -> None:
    """Writes the whole table anew, in one commit, with the columns of the contract."""
    version = delta_log.version(target.spark, target.uri)
    _set_properties(target, {REWRITTEN: str(version + 2)})
    rows = delta_log.pinned_rows(target.spark, target.uri, version + 1)
    columns = [
        converted(F.col(f"`{f.name}`"), table.fields[f.name].dataType, f.dataType).alias(f.name)
        if f.name in table.fields
        else F.lit(None).cast(f.dataType).alias(f.name)
        for f in wanted.fields
    ]
    target.guard()
    marked = with_required_marks(rows.select(*columns), target.contract)
    writer = marked.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
    writer = writer.option("userMetadata", "columns of the contract")
    if target.contract.lake.partition_by:
        writer = writer.partitionBy(*target.contract.lake.partition_by)
    writer.save(target.uri)


def _alter(target: Target, names: list[str], wanted: StructType) -> None:
    """Adds the columns that the table lacks, and puts all in the contract's order: metadata alone."""
    for i, field in enumerate(wanted.fields):
        location = f"AFTER `{wanted.names[i - 1]}`" if i else "FIRST"
        if field.name not in names:
            _run(target, f"ADD COLUMNS (`{field.name}` {field.dataType.simpleString()} {location})")
            names.insert(i, field.name)
        elif names.index(field.name) != i:
            _run(target, f"ALTER COLUMN `{field.name}` {location}")
            names.insert(i, names.pop(names.index(field.name)))


def _set_properties(target: Target, properties: Mapping[str, str]) -> None:
    pairs = ", ".join(f"'{key}' = '{value}'" for key, value in properties.items())
    _run(target, f"SET TBLPROPERTIES ({pairs})")


def _run(target: Target, change: str) -> None:
    target.guard()
    target.spark.sql(f"ALTER TABLE delta.`{target.uri}` {change}")


def _table(target: Target) -> _Table:
    snapshot: Any = delta_log.snapshot(target.spark, target.uri)
    schema = StructType.fromJson(json.loads(snapshot.schema().json()))
    metadata = snapshot.metadata()
    partitions = metadata.partitionColumns()
    return _Table(
        int(snapshot.version()),
        {f.name: f for f in schema.fields},
        delta_log.properties(snapshot),
        tuple(str(partitions.apply(i)) for i in range(partitions.size())),
    )


def _schema(spark: SparkSession, contract: Contract) -> StructType:
    jvm: Any = spark._jvm
    schema = jvm.org.apache.spark.sql.types.StructType.fromDDL(contract.ddl)
    return StructType.fromJson(json.loads(schema.json()))


def _types(fields: Mapping[str, StructField]) -> dict[str, str]:
    return {name: field.dataType.simpleString() for name, field in fields.items()}


def _differs(stored: StructField, wanted: StructField) -> bool:
    return stored.dataType.simpleString() != wanted.dataType.simpleString()
