"""Checks of one column of a contract: its types agree, and its rules and examples fit its type."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from lakehouse.contracts.consistency_references import check_regex
from lakehouse.contracts.contract import NESTED, spark_type
from lakehouse.contracts.document import Property
from lakehouse.contracts.masking import NONE, PII
from lakehouse.contracts.nested_types import NestedTypeError, nested_type
from lakehouse.contracts.regex import matches
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located

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


# Rule → whether a value satisfies the bound of the rule.
_IS_SATISFIED: dict[str, Callable[[Any, Any], bool]] = {
    "pattern": lambda value, pattern: matches(pattern, value),
    "enum": lambda value, allowed: value in allowed,
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusive_minimum": operator.gt,
    "exclusive_maximum": operator.lt,
    "min_length": lambda value, minimum: len(value) >= minimum,
    "max_length": lambda value, maximum: len(value) <= maximum,
}


def check_column(name: str, column: Property, layer: str, located: Located, faults: Collector) -> None:
    at = located.at(("properties", name, "type"))
    typed = spark_type(column)
    kinds = [k for k in (column.type if isinstance(column.type, list) else [column.type]) if k != "null"]
    if typed is None and NESTED.match(column.x_lake.type or ""):
        _note_nested(name, str(column.x_lake.type), located, faults)
        return
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
    if column.x_lake.tags.get(PII, NONE) != NONE and layer == "bronze" and column.x_lake.mask is None:
        faults.add(
            "LK203",
            f"pii column '{name}' names no mask",
            file=located.file,
            at=at,
            wanted="x-lake.mask: hash, partial, drop or clear",
            value=name,
        )
    _check_rules(name, column, kinds[0], typed[0], located, faults)


def _note_nested(name: str, kind: str, located: Located, faults: Collector) -> None:
    """Notes LK232 for an array, map or struct that no JSON text can be typed as."""
    try:
        nested_type(kind)
    except NestedTypeError as error:
        faults.add(
            "LK232",
            f"the type of column '{name}' cannot be read: {error}",
            file=located.file,
            at=located.at(("properties", name, "x-lake", "type")),
            wanted="array<…>, map<string,…> or struct<name:…> of Spark's types, such as array<decimal(8,2)>",
            value=kind,
        )


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
        check_regex(column.pattern, located, ("properties", name, "pattern"), faults, column.max_length)
    _check_satisfiable(name, column, located, faults)
    if len(faults.faults) == before:
        # Examples are checked only against rules that fit the column.
        _check_examples(name, column, located, faults)


def _check_satisfiable(name: str, column: Property, located: Located, faults: Collector) -> None:
    """Notes LK225 for an empty enum, and for a lower bound that no upper bound is above."""
    expected = {
        "enum": column.enum is not None and all(v is None for v in column.enum),
        "minimum": _is_above(column.minimum, column.maximum, column.exclusive_maximum),
        "exclusiveMinimum": _is_above(column.exclusive_minimum, None, column.maximum)
        or _is_above(column.exclusive_minimum, None, column.exclusive_maximum),
        "minLength": _is_above(column.min_length, column.max_length, None),
    }
    for key in (key for key, excludes_all in expected.items() if excludes_all):
        faults.add(
            "LK225",
            f"rule '{key}' of column '{name}' leaves no value",
            file=located.file,
            at=located.at(("properties", name, key), key=True),
            wanted="a rule that some value keeps",
            value=key,
        )


def _is_above(low: float | None, high: float | None, exclusive_high: float | None) -> bool:
    return low is not None and (
        (high is not None and low > high) or (exclusive_high is not None and low >= exclusive_high)
    )


def _check_examples(name: str, column: Property, located: Located, faults: Collector) -> None:
    rules = {rule: getattr(column, rule) for rule in _IS_SATISFIED if getattr(column, rule) is not None}
    for i, value in enumerate(column.examples or []):
        broken = next(
            (
                rule
                for rule, bound in rules.items()
                if value is not None and not _IS_SATISFIED[rule](value, bound)
            ),
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
