"""The files of contracts and suites: a pair of files for each table, or one file in the short form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakehouse.contracts.short.expand import expand
from lakehouse.environments.names import LAYERS
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located, read_json, read_yaml

CONTRACT, SUITE, SHORT = ".schema.json", ".dq.yml", ".yml"


@dataclass(frozen=True)
class TableFiles:
    """The documents of a table as they are read: each None where it is missing or cannot be read."""

    contract: Located | None
    suite: Located | None


def is_short(file: Path) -> bool:
    return file.name.endswith(SHORT) and not file.name.endswith(SUITE)


def stated_tables(root: Path) -> dict[str, Path]:
    """Every table that has a contract, with faults or without, and the contract's file."""
    tables: dict[str, Path] = {}
    for layer in LAYERS:
        for file in sorted((root / "schemas" / layer).glob("*")):
            if file.name.endswith(CONTRACT) or is_short(file):
                tables.setdefault(table_of(file), file)
    return tables


def table_of(file: Path) -> str:
    """`<layer>.<name>` of a contract's or a suite's file."""
    ending = next(e for e in (CONTRACT, SUITE, SHORT) if file.name.endswith(e))
    return f"{file.parent.name}.{file.name.removesuffix(ending)}"


def suite_file(file: Path) -> Path:
    """The file that holds the suite of a contract: one of its own, or the short contract."""
    beside = file.parent / f"{file.name.removesuffix(CONTRACT).removesuffix(SHORT)}{SUITE}"
    return beside if beside.exists() or not is_short(file) else file


def read_table_files(file: Path, faults: Collector) -> TableFiles:
    """The documents that belong to a contract's file, with their faults noted."""
    suite = suite_file(file)
    beside = read_yaml(suite, faults) if suite != file and suite.exists() else None
    if not is_short(file):
        return TableFiles(read_json(file, faults), beside)
    located = read_yaml(file, faults)
    expanded = expand(table_of(file), located, faults, suite_beside=suite != file) if located else None
    if expanded is None:
        return TableFiles(None, beside)
    return TableFiles(expanded.contract, beside or expanded.suite)


def document_of(root: Path, table: str) -> dict[str, Any]:
    """The JSON Schema of a table whose files have no fault."""
    contract = read_table_files(stated_tables(root)[table], Collector(root)).contract
    if contract is None:
        raise KeyError(table)
    document: dict[str, Any] = contract.value
    return document
