"""The types of short contracts: Spark's names ↔ JSON Schema's type, format and `x-lake.type`."""

from __future__ import annotations

from typing import Any

# Spark type → (JSON type, format) where JSON Schema can say the type by itself.
_PLAIN = {
    "string": ("string", None),
    "bigint": ("integer", None),
    "double": ("number", None),
    "boolean": ("boolean", None),
    "date": ("string", "date"),
    "timestamp": ("string", "date-time"),
}
# Beginning of a Spark type → JSON type, where `x-lake.type` names the Spark type.
_NAMED = {
    "tinyint": "integer",
    "smallint": "integer",
    "int": "integer",
    "float": "number",
    "decimal(": "number",
    "binary": "string",
    "array<": "array",
    "map<": "object",
    "struct<": "object",
}
# The type of a column that `lakehouse contracts derive` finds.
DERIVED = "derived"
TYPE_NAMES = (*_PLAIN, "int", "smallint", "tinyint", "float", "decimal(18,2)", "binary", "array<string>")


def type_of(text: str) -> dict[str, Any] | None:
    """`type`, `format` and `x-lake.type` of a Spark type, such as `int?`; None for what is none."""
    name, nullable = text.removesuffix("?"), text.endswith("?")
    kind: str | None
    declared: dict[str, Any] = {}
    if name in _PLAIN:
        kind, form = _PLAIN[name]
        declared = {"format": form} if form else {}
    else:
        kind = next(
            (
                of
                for beginning, of in _NAMED.items()
                if name == beginning or (beginning[-1] in "(<" and name.startswith(beginning))
            ),
            None,
        )
        declared = {"x-lake": {"type": name}}
    return None if kind is None else {"type": [kind, "null"] if nullable else kind, **declared}


def name_of(column: dict[str, Any]) -> str:
    """The Spark type of a column's JSON Schema, with ? where it may be null. Raises KeyError for none."""
    kinds = column["type"] if isinstance(column["type"], list) else [column["type"]]
    plain = [kind for kind in kinds if kind != "null"]
    named = column.get("x-lake", {}).get("type")
    by_shape = {(kind, form): name for name, (kind, form) in _PLAIN.items()}
    form = column.get("format") if column.get("format") in ("date", "date-time") else None
    return (named or by_shape[plain[0], form]) + ("?" if "null" in kinds else "")
