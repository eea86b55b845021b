"""The types of the warehouses and of the Lakebase: what each can hold of a contract's Spark types."""

from __future__ import annotations

import re
from collections.abc import Mapping

_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)$")

# Spark type → SQL type. Redshift's VARCHAR needs a length, so strings are not here; decimals are NUMERIC
# everywhere.
REDSHIFT = {
    "boolean": "BOOLEAN",
    "tinyint": "SMALLINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "float": "REAL",
    "double": "DOUBLE PRECISION",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
SNOWFLAKE = {
    "boolean": "BOOLEAN",
    "tinyint": "NUMBER(3,0)",
    "smallint": "NUMBER(5,0)",
    "int": "NUMBER(10,0)",
    "bigint": "NUMBER(19,0)",
    "float": "FLOAT",
    "double": "FLOAT",
    "date": "DATE",
    "timestamp": "TIMESTAMP_NTZ(6)",
    "string": "VARCHAR",
    "binary": "BINARY",
}
# As PostgreSQL's catalog spells its types.
POSTGRES = {
    "boolean": "boolean",
    "tinyint": "smallint",
    "smallint": "smallint",
    "int": "integer",
    "bigint": "bigint",
    "float": "real",
    "double": "double precision",
    "date": "date",
    "timestamp": "timestamp with time zone",
    "string": "text",
    "binary": "bytea",
}
TYPES: Mapping[str, Mapping[str, str]] = {
    "redshift": REDSHIFT,
    "snowflake": SNOWFLAKE,
    "postgres": POSTGRES,
}
TITLES = {"redshift": "Redshift", "snowflake": "Snowflake", "postgres": "the Lakebase"}
# Places of a NUMERIC; Spark's decimals have up to 38.
_MAX_SCALE = {"redshift": 37, "snowflake": 37, "postgres": 38}
_AS_TEXT = "a column of type string: to_json of a nested value, base64 of a binary one"


def misfit(sink: str, kind: str) -> tuple[str, str] | None:
    """(what is wrong, the type that is wanted) of a Spark type that no column of the sink can hold."""
    decimal = _DECIMAL.match(kind)
    if decimal:
        if int(decimal[2]) <= _MAX_SCALE[sink]:
            return None
        maximum = _MAX_SCALE[sink]
        return (
            f"{TITLES[sink]} has no {kind}",
            f"a decimal of at most {maximum} places, such as decimal(38,{maximum})",
        )
    if kind == "string" or kind in TYPES[sink]:
        return None
    return f"{TITLES[sink]} has no column for {kind}", _AS_TEXT
