"""What the template of kind `python` takes from the project: the table that it reads, and a column to count
by.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from cli.common import unknown
from lakehouse.contracts import Contract
from lakehouse.contracts.reader import read_schemas
from lakehouse.pipelines.table_parameters import parameter_of
from lakehouse.project import Project
from lakehouse.reading.faults import Collector

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
PREFERRED = ("string", "bigint", "int")
KEYWORDS = ("type", "format", "pattern", "enum", "minimum", "maximum", "minLength", "maxLength")


def extra_answers(root: Path, kind: str, reads: str | None) -> dict[str, Any]:
    """What a template of that kind needs beside name and kind.

    Raises BadParameter for a table it cannot read.
    """
    if kind == "python":
        return _template_input(root, reads)
    if reads:
        raise typer.BadParameter(
            "--reads is for --kind python; the other kinds are edited after they are made"
        )
    return {}


def _template_input(root: Path, reads: str | None) -> dict[str, Any]:
    """The template's answers for the table `reads`, else for the project's first table: silver, gold, bronze.

    Raises BadParameter for a table that does not exist, and for one without a column to count by.
    """
    contracts = read_schemas(Collector(root)).contracts
    if reads is not None and reads not in contracts:
        raise unknown("table", reads, list(contracts))
    contract = contracts[reads] if reads else _first(list(contracts.values()))
    column = _column(contract)
    kind = next(c.type for c in contract.columns if c.name == column)
    return {
        "reads": contract.table,
        "parameter": parameter_of(contract.table),
        "column": column,
        "property": json.dumps(_property(root, contract, column)),
        "values": list(EXAMPLES[kind]),
        "owner": contract.lake.owner,
        "environments": list(Project(root).settings.environments),
    }


def _first(contracts: list[Contract]) -> Contract:
    for layer in LAYERS:
        for contract in sorted(contracts, key=lambda c: c.table):
            if contract.layer == layer and contract.lake.store == "delta" and _columns(contract):
                return contract
    raise typer.BadParameter("the project has no table to read yet: make its contract first")


def _column(contract: Contract) -> str:
    """Words and whole numbers before times, columns of the key last."""
    columns = _columns(contract)
    if not columns:
        raise typer.BadParameter(f"{contract.table} has no simple column to count by; name another table")
    types = {c.name: c.type for c in contract.columns}
    return min(columns, key=lambda c: (types[c] not in PREFERRED, c in contract.primary_key))


def _columns(contract: Contract) -> list[str]:
    """Columns that always have a value, of a simple type, without personal data."""
    return [
        c.name
        for c in contract.columns
        if not c.nullable and c.type in EXAMPLES and not c.lake.mask and not c.lake.tags
    ]


def _property(root: Path, contract: Contract, column: str) -> dict[str, Any]:
    """The column's JSON Schema, with where it comes from."""
    file = root / "schemas" / contract.layer / f"{contract.name}.schema.json"
    stated = json.loads(file.read_text(encoding="utf-8"))["properties"][column]
    lake = {"derived_from": [f"{contract.table}.{column}"]}
    if "type" in stated.get("x-lake", {}):
        lake = {"type": stated["x-lake"]["type"], **lake}
    rules = {word: stated[word] for word in KEYWORDS if word in stated}
    return {**rules, "description": f"As in {contract.table}.", "x-lake": lake}
