"""The table that a new pipeline reads, and the columns that its example groups by and sums."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from cli.common import unknown
from cli.pipeline.template import is_from_template
from lakehouse.contracts import Column, Contract
from lakehouse.contracts.files import document_of
from lakehouse.contracts.masking import NONE, PII
from lakehouse.pipelines.table_parameters import parameter_of

_NOT_PERSONAL: tuple[dict[str, str], ...] = ({}, {PII: NONE})
LAYERS = ("silver", "gold", "bronze")
# Types that a person would group by, and two values of each, as JSON.
EXAMPLES = {
    "string": ('"a"', '"b"'),
    "bigint": ("1", "2"),
    "int": ("1", "2"),
    "boolean": ("true", "false"),
    "date": ('"2024-01-01"', '"2024-01-02"'),
    "timestamp": ('"2024-01-01T00:00:00Z"', '"2024-01-02T00:00:00Z"'),
}
TYPE_ORDER = ("string", "bigint", "int")
# The kinds whose example is a query, which also sums an amount.
SQL_KINDS = ("batch", "metadata")
KEYWORDS = ("type", "format", "pattern", "enum", "minimum", "maximum", "minLength", "maxLength")
DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
# Spark's sum of decimals has so many digits more, of 38 at most.
SUM_DIGITS, MAX_DIGITS = 10, 38


def table_answers(
    root: Path, contracts: Mapping[str, Contract], kind: str, reads: str | None
) -> dict[str, Any]:
    """The answers for the table `reads`, else for the project's first suitable table.

    Raises BadParameter for a table that does not exist or that a job cannot read, and for one without a
    column to count by.
    """
    if reads is not None and reads not in contracts:
        raise unknown("table", reads, list(contracts))
    contract = contracts[reads] if reads else _first(root, contracts, kind)
    if contract.lake.store != "delta":
        raise typer.BadParameter(f"{contract.table} is a table of the Lakebase, which batch jobs do not read")
    column = _grouping_column(contract)
    return {
        "reads": contract.table,
        "parameter": parameter_of(contract.table),
        "column": column.name,
        "sql_column": sql_name(column.name),
        "property": json.dumps(_property(root, contract, column.name)),
        "values": list(EXAMPLES[column.type]),
        "owner": contract.lake.owner,
        **_day(root, contract, column, kind),
        **_amount(contract, kind),
    }


def _first(root: Path, contracts: Mapping[str, Contract], kind: str) -> Contract:
    """The first table of silver, else of gold, else of bronze; tables of other templates come last.

    A query's example prefers the table with the most amounts.
    """
    ordered = sorted(
        contracts.values(),
        key=lambda c: (is_from_template(root, c.name), LAYERS.index(c.layer), c.table),
    )
    suitable = [c for c in ordered if c.lake.store == "delta" and _grouping_columns(c)]
    if not suitable:
        raise typer.BadParameter("the project has no table to read yet: make its contract first")
    with_amount = [c for c in suitable if _amounts(c)] if kind in SQL_KINDS else []
    if not with_amount:
        return suitable[0]
    layer = [c for c in with_amount if c.layer == with_amount[0].layer]
    return max(layer, key=lambda c: (not is_from_template(root, c.name), len(_amounts(c))))


def _grouping_column(contract: Contract) -> Column:
    """Words before whole numbers before times; a column that is the whole key comes last."""
    columns = _grouping_columns(contract)
    if not columns:
        raise typer.BadParameter(f"{contract.table} has no simple column to count by; name another table")
    return min(columns, key=lambda c: (contract.primary_key == (c.name,), _type_rank(c)))


def _type_rank(column: Column) -> int:
    return TYPE_ORDER.index(column.type) if column.type in TYPE_ORDER else len(TYPE_ORDER)


def _grouping_columns(contract: Contract) -> list[Column]:
    return [c for c in _open_columns(contract) if c.type in EXAMPLES and c.name != contract.lake.delete_flag]


def _open_columns(contract: Contract) -> list[Column]:
    """Columns that always have a value, without personal data."""
    return [
        c for c in contract.columns if not c.nullable and not c.lake.mask and c.lake.tags in _NOT_PERSONAL
    ]


def _amounts(contract: Contract) -> list[Column]:
    return [c for c in _open_columns(contract) if DECIMAL.fullmatch(c.type)]


def _amount(contract: Contract, kind: str) -> dict[str, str]:
    """The first decimal column, and the type of its sum."""
    amounts = _amounts(contract) if kind in SQL_KINDS else []
    if not amounts or not (digits := DECIMAL.fullmatch(amounts[0].type)):
        return {}
    precision = min(int(digits[1]) + SUM_DIGITS, MAX_DIGITS)
    return {
        "amount": amounts[0].name,
        "sql_amount": sql_name(amounts[0].name),
        "amount_type": f"decimal({precision},{digits[2]})",
    }


def _day(root: Path, contract: Contract, column: Column, kind: str) -> dict[str, str]:
    """The column whose days a batch pipeline computes anew when they change."""
    days = [c.name for c in _open_columns(contract) if c.type == "date" and c != column]
    if kind != "batch" or not days:
        return {}
    day = days[0]
    return {"day": day, "sql_day": sql_name(day), "day_property": json.dumps(_property(root, contract, day))}


def sql_name(column: str) -> str:
    """The column's name in a query: in backquotes where SQL reads the bare name as something else."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import ParseError

    try:
        query = parse_one(f"SELECT {column}, 1 FROM t GROUP BY {column}", dialect="spark")
        is_column = [part.name for part in query.find_all(exp.Column)] == [column, column]
    except ParseError:
        is_column = False
    return column if is_column else f"`{column}`"


def _property(root: Path, contract: Contract, column: str) -> dict[str, Any]:
    """The column's JSON Schema, with the column that it is derived from."""
    declared = document_of(root, contract.table)["properties"][column]
    lake: dict[str, Any] = {"tags": {PII: NONE}, "derived_from": [f"{contract.table}.{column}"]}
    if "type" in declared.get("x-lake", {}):
        lake = {"type": declared["x-lake"]["type"], **lake}
    rules = {word: declared[word] for word in KEYWORDS if word in declared}
    return {**rules, "description": f"As in {contract.table}.", "x-lake": lake}
