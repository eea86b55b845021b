"""What pydantic cannot see in one contract: types that agree, rules that fit them, and columns that are named
and exist.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from lakehouse.contracts.contract import METADATA, spark_type
from lakehouse.contracts.document import Document, Property
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Loc, Located

# The JSON types of a value → the Spark types that can hold it.
_HOLDS = {
    "string": r"string|date|timestamp|binary",
    "integer": r"tinyint|smallint|int|bigint|decimal\(\d+,0\)",
    "number": r"float|double|decimal\(\d+,\d+\)",
    "boolean": "boolean",
    "array": "array<.+>",
    "object": "(struct|map)<.+>",
}
_NUMERIC = ("minimum", "maximum", "exclusive_minimum", "exclusive_maximum")
_TEXTUAL = ("pattern", "min_length", "max_length")
_NEEDS = {
    "merge": ("sequence",),
    "recompute": ("recompute_by", "partition_by"),
    "snapshot": ("recompute_by", "partition_by"),
    "scd2": ("tracked", "business_key"),
}


_KEPT: dict[str, Callable[[Any, Any], bool]] = {
    "pattern": lambda value, pattern: re.search(pattern, value) is not None,
    "enum": lambda value, allowed: value in allowed,
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusive_minimum": operator.gt,
    "exclusive_maximum": operator.lt,
    "min_length": lambda value, least: len(value) >= least,
    "max_length": lambda value, most: len(value) <= most,
}


def check_document(table: str, doc: Document, located: Located, faults: Collector) -> bool:
    """True when nothing was found."""
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
    for name, column in doc.properties.items():
        _check_column(name, column, layer, located, faults)
    _check_names(doc, layer, located, faults)
    _check_write(doc, located, faults)
    return len(faults.faults) == before


def _check_column(name: str, column: Property, layer: str, located: Located, faults: Collector) -> None:
    at = located.at(("properties", name, "type"))
    typed = spark_type(column)
    kinds = [k for k in (column.type if isinstance(column.type, list) else [column.type]) if k != "null"]
    if typed is None:
        expected = "one JSON type, or x-lake.type with a Spark type such as decimal(18,4)"
        faults.add(
            "LK202",
            f"column '{name}' has no single Spark type",
            file=located.file,
            at=at,
            wanted=expected,
            value=str(column.type),
        )
        return
    if not re.fullmatch(_HOLDS[kinds[0]], typed[0]):
        at = located.at(("properties", name, "x-lake", "type"))
        faults.add(
            "LK202",
            f"column '{name}' is {kinds[0]} and {typed[0]}",
            file=located.file,
            at=at,
            wanted="two types that agree",
            value=typed[0],
        )
    if column.x_lake.tags.get("pii") and layer == "bronze" and column.x_lake.mask is None:
        faults.add(
            "LK203",
            f"pii column '{name}' names no mask",
            file=located.file,
            at=at,
            wanted="x-lake.mask: hash, partial or drop",
            value=name,
        )
    _check_rules(name, column, kinds[0], typed[0], located, faults)


def _check_rules(
    name: str, column: Property, kind: str, spark: str, located: Located, faults: Collector
) -> None:
    before = len(faults.faults)

    def note(rule: str, wanted: str) -> None:
        alias = Property.model_fields[rule].alias or rule
        message = f"rule '{alias}' of column '{name}' fits no {spark}"
        faults.add(
            "LK215",
            message,
            file=located.file,
            at=located.at(("properties", name, alias), key=True),
            wanted=wanted,
            value=alias,
        )

    for rule in _NUMERIC:
        if getattr(column, rule) is not None and kind not in ("integer", "number"):
            note(rule, "a column of numbers")
    for rule in _TEXTUAL:
        if getattr(column, rule) is not None and spark != "string":
            note(rule, "a column of text")
    if column.format is not None and kind != "string":
        note("format", "a column of text")
    fits: dict[str, Any] = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    for rule in ("enum", "examples"):
        if any(
            v is not None
            and (not isinstance(v, fits.get(kind, ())) or isinstance(v, bool) != (kind == "boolean"))
            for v in getattr(column, rule) or []
        ):
            note(rule, f"values of type {kind}")
    if column.pattern is not None:
        check_regex(column.pattern, located, ("properties", name, "pattern"), faults)
    if len(faults.faults) == before:
        # Only rules that fit the column can be asked about its examples.
        _check_examples(name, column, located, faults)


def _check_examples(name: str, column: Property, located: Located, faults: Collector) -> None:
    rules = {rule: getattr(column, rule) for rule in _KEPT if getattr(column, rule) is not None}
    for i, value in enumerate(column.examples or []):
        broken = next(
            (rule for rule, bound in rules.items() if value is not None and not _KEPT[rule](value, bound)),
            None,
        )
        if broken:
            alias = Property.model_fields[broken].alias or broken
            at = located.at(("properties", name, "examples", i))
            message = f"example of column '{name}' breaks its rule '{alias}'"
            faults.add(
                "LK216",
                message,
                file=located.file,
                at=at,
                wanted=f"{alias} {rules[broken]}",
                value=str(value),
            )


def _check_names(doc: Document, layer: str, located: Located, faults: Collector) -> None:
    lake, columns = doc.x_lake, list(doc.properties)
    columns_of_table = [*columns, *(name for name, _ in METADATA)] if layer == "bronze" else columns
    for key in ("primary_key", "business_key", "partition_by", "cluster_by", "tracked"):
        check_known(getattr(lake, key), columns_of_table, located, ("x-lake", key), faults)
    for key in ("sequence", "delete_flag", "watermark_column", "recompute_by"):
        if getattr(lake, key) is not None:
            check_known([getattr(lake, key)], columns_of_table, located, ("x-lake", key), faults)
    check_known(doc.required, columns, located, ("required",), faults)
    check_known(list(lake.unknown_member), columns, located, ("x-lake", "unknown_member"), faults)
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
        check_known(
            [lake.source.partition_column],
            list(doc.properties),
            located,
            ("x-lake", "source", "partition_column"),
            faults,
        )


def check_known(names: list[str], columns: list[str], located: Located, loc: Loc, faults: Collector) -> None:
    """Each name is a column's, and stands once."""
    for i, name in enumerate(names):
        location = next((at for at in ((*loc, i), (*loc, name)) if at in located.places), loc)
        path = ".".join(map(str, loc))
        if name not in columns:
            faults.add(
                "LK206",
                f"{path} names no column: '{name}'",
                file=located.file,
                at=located.at(location),
                wanted="a column of the table",
                value=name,
                among=columns,
            )
        elif name in names[:i]:
            faults.add(
                "LK005",
                f"{path} names '{name}' twice",
                file=located.file,
                at=located.at(location),
                wanted="each column once",
                value=name,
            )


def check_regex(pattern: str, located: Located, loc: Loc, faults: Collector) -> None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as e:
        faults.add(
            "LK207",
            f"'{pattern}' is no regular expression: {e}",
            file=located.file,
            at=located.at(loc),
            wanted="a regular expression",
            value=pattern,
        )
