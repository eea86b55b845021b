"""Checks of one contract beyond the model: types agree, rules fit the types, and named columns exist."""

from __future__ import annotations

import re

from lakehouse.contracts.consistency_columns import check_column
from lakehouse.contracts.consistency_files import check_files
from lakehouse.contracts.consistency_references import check_column_names
from lakehouse.contracts.consistency_source import check_source
from lakehouse.contracts.contract import METADATA, spark_type
from lakehouse.contracts.document import Document
from lakehouse.contracts.sink_types import misfit
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Loc, Located

# PostgreSQL cuts a longer name without a word; Redshift, Snowflake and Glue take 127 and more.
MAX_NAME = 63
# Every table of PostgreSQL or Redshift has these already.
SYSTEM_COLUMNS = ("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", "oid", "insertxid", "deletexid")
# Columns of Delta's change feed, of its readers and of staging tables stand beside the table's own.
WORKING_COLUMNS = (
    "_change_type",
    "_commit_version",
    "_commit_timestamp",
    "_rank",
    "_taken",
    "_deleted",
    "_whole",
)
_KEPT = (*SYSTEM_COLUMNS, *WORKING_COLUMNS)
# Write mode → keys of x-lake that it requires.
_NEEDS = {
    "merge": ("sequence",),
    "recompute": ("recompute_by", "partition_by"),
    "snapshot": ("recompute_by", "partition_by"),
    "scd2": ("tracked", "business_key"),
}


def check_document(table: str, doc: Document, located: Located, faults: Collector) -> bool:
    """True when the document adds no fault to `faults`."""
    before = len(faults.faults)
    layer = table.split(".")[0]
    expected = table.replace(".", "/")
    if doc.id != expected:
        faults.add(
            "LK201",
            f"$id '{doc.id}' is not this file's",
            file=located.file,
            at=located.at(("$id",)),
            wanted=expected,
            value=doc.id,
        )
    if not re.fullmatch(r"[a-z][a-z0-9_]*", table.split(".")[1]):
        faults.add(
            "LK201",
            "the file's name is no table name",
            file=located.file,
            wanted="lower-case letters, digits and _",
            value=table,
        )
    _check_sinks(table.split(".")[1], doc, located, faults)
    for name, column in doc.properties.items():
        check_column(name, column, layer, located, faults)
    check_files(doc, located, faults)
    check_source(doc, located, faults)
    _check_names(doc, layer, located, faults)
    _check_write(doc, located, faults)
    _check_dropped(doc, located, faults)
    return len(faults.faults) == before


def _check_sinks(name: str, doc: Document, located: Located, faults: Collector) -> None:
    """Notes a name that a sink would cut or keeps for itself, and a type that the Lakebase does not have."""
    names: dict[str, Loc] = {name: ("$id",), **{column: ("properties", column) for column in doc.properties}}
    for each, loc in names.items():
        if len(each) > MAX_NAME or each in _KEPT:
            faults.add(
                "LK227",
                f"the name '{each}' fits not every sink",
                file=located.file,
                at=located.at(loc, key=loc != ("$id",)),
                wanted=f"at most {MAX_NAME} characters, and none of {', '.join(_KEPT)}",
                value=each,
            )
        elif each.startswith("_") and loc != ("$id",):
            faults.add(
                "LK227",
                f"the name '{each}' begins with _, as columns do that the platform keeps for itself",
                file=located.file,
                at=located.at(loc, key=True),
                wanted="a name that begins with a letter; x-lake.source says how the source calls it",
                value=each,
            )
    typed = {n: spark_type(c) for n, c in doc.properties.items()} if doc.x_lake.store == "postgres" else {}
    for column, kind in typed.items():
        wrong = misfit("postgres", kind[0]) if kind else None
        if wrong:
            message = f"column '{column}' cannot be written: {wrong[0]}"
            at = located.at(("properties", column), key=True)
            faults.add("LK250", message, file=located.file, at=at, wanted=wrong[1], value=column)


def names_columns(doc: Document) -> bool:
    """Whether every column has a Spark type, and each name of `x-lake` that others use is a column."""
    lake = doc.x_lake
    singles = [n for n in (lake.sequence, lake.delete_flag, lake.watermark_column, lake.recompute_by) if n]
    named = {*lake.primary_key, *lake.business_key, *lake.partition_by, *lake.tracked, *singles}
    columns = {*doc.properties, *(name for name, _ in METADATA)}
    return named <= columns and all(spark_type(column) for column in doc.properties.values())


def _check_names(doc: Document, layer: str, located: Located, faults: Collector) -> None:
    lake, columns = doc.x_lake, list(doc.properties)
    columns_of_table = [*columns, *(name for name, _ in METADATA)] if layer == "bronze" else columns
    for key in ("primary_key", "business_key", "partition_by", "cluster_by", "tracked"):
        check_column_names(getattr(lake, key), columns_of_table, located, ("x-lake", key), faults)
    for key in ("sequence", "delete_flag", "watermark_column", "recompute_by"):
        if getattr(lake, key) is not None:
            check_column_names([getattr(lake, key)], columns_of_table, located, ("x-lake", key), faults)
    check_column_names(doc.required, columns, located, ("required",), faults)
    check_column_names(list(lake.unknown_member), columns, located, ("x-lake", "unknown_member"), faults)
    for key, names in {
        "primary_key": lake.primary_key,
        "sequence": [lake.sequence] if lake.sequence else [],
    }.items():
        for name in names:
            column = doc.properties.get(name)
            if column and (name not in doc.required or "null" in column.type):
                message = f"column '{name}' of x-lake.{key} may be null"
                at = located.at(("properties", name), key=True)
                faults.add(
                    "LK213",
                    message,
                    file=located.file,
                    at=at,
                    wanted="a column of `required` whose type is not null",
                    value=name,
                )


def _check_dropped(doc: Document, located: Located, faults: Collector) -> None:
    for i, name in enumerate(doc.x_lake.dropped):
        if name in doc.properties:
            faults.add(
                "LK206",
                f"column '{name}' is dropped and stated",
                file=located.file,
                at=located.at(("x-lake", "dropped", i)),
                wanted="either the column in `properties`, or its name in x-lake.dropped",
                value=name,
            )


def _check_write(doc: Document, located: Located, faults: Collector) -> None:
    lake, file, at = doc.x_lake, located.file, located.at(("x-lake", "write"))
    for need in _NEEDS.get(lake.write, ()):
        if not getattr(lake, need):
            faults.add(
                "LK204",
                f"write '{lake.write}' needs x-lake.{need}",
                file=file,
                at=at,
                wanted=f"x-lake.{need}",
                value=lake.write,
            )
    if lake.source and lake.source.kind in ("snowflake", "redshift") and not lake.watermark_column:
        at = located.at(("x-lake", "source"))
        faults.add(
            "LK205",
            "a warehouse source names no watermark_column",
            file=file,
            at=at,
            wanted="x-lake.watermark_column",
        )
    if lake.source and lake.source.partition_column:
        check_column_names(
            [lake.source.partition_column],
            list(doc.properties),
            located,
            ("x-lake", "source", "partition_column"),
            faults,
        )
