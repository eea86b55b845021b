"""Columns of a short contract that its query or function says: `<table>.columns.json`, written by a command.

The file is committed, so that everything that reads contracts knows the columns without Spark.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakehouse.contracts.short.column_line import LineError, parse_line
from lakehouse.contracts.short.column_types import DERIVED
from lakehouse.contracts.short.model import ShortTable
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located
from lakehouse.reading.text import read_text

ENDING = ".columns.json"
COMMAND = "lakehouse contracts derive"


@dataclass(frozen=True)
class Derived:
    """`digest`: of what the columns were derived from. `lines`: column → its line, in the query's order."""

    digest: str
    lines: dict[str, str]

    def text(self) -> str:
        """The content of the file."""
        document = {"written by": COMMAND, "digest": self.digest, "columns": self.lines}
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def derived_file(contract: Path) -> Path:
    """The file of derived columns beside a short contract."""
    return contract.parent / f"{contract.name.removesuffix('.yml')}{ENDING}"


def read_derived(file: Path, faults: Collector) -> Derived | None:
    """The derived columns; None, with the fault noted (LK272), where the file is missing or spoiled."""
    if not file.exists():
        return None
    text = read_text(file, faults)
    try:
        document = json.loads(text or "")
        lines = {str(name): str(line) for name, line in document["columns"].items()}
        for line in lines.values():
            parse_line(line)
        return Derived(str(document["digest"]), lines)
    except (ValueError, LookupError, TypeError, AttributeError, LineError):
        message = "holds no derived columns"
        faults.add("LK272", message, file=file, wanted=f"what `{COMMAND}` writes, unchanged")
        return None


def leaves_out(stated: Any) -> bool:
    """Whether a short contract, as it is read, leaves columns or types to a query."""
    if not isinstance(stated, dict):
        return False
    columns = stated.get("columns")
    types = [_type(column) for column in columns.values()] if isinstance(columns, dict) else []
    return bool(stated.get("derive")) or DERIVED in types


def _type(column: Any) -> str:
    return str(column.get("type")) if isinstance(column, dict) else str(column).split(" ", 1)[0]


def with_derived(
    table: str, short: ShortTable, stated: dict[str, dict[str, Any]], located: Located, faults: Collector
) -> dict[str, dict[str, Any]]:
    """Column → its words: those that are stated, and beside them those that are derived.

    Notes LK272 for a column or type that nothing has derived; such a column is left out.
    """
    layer = table.split(".")[0]
    if layer == "bronze" or short.source is not None:
        message = "columns of a table with a source are not derived"
        at = located.at(("derive",))
        faults.add("LK272", message, file=located.file, at=at, wanted="every column with its type")
        return {name: words for name, words in stated.items() if words.get("type") != DERIVED}
    file = derived_file(located.file)
    before = len(faults.faults)
    derived = read_derived(file, faults)
    if derived is None and len(faults.faults) == before:
        _note_underived(f"{file.name} is not there", ("derive",), located, faults)
    found = {name: parse_line(line) for name, line in derived.lines.items()} if derived else {}
    columns: dict[str, dict[str, Any]] = {}
    for name in [*found, *stated] if short.derive else stated:
        words = _merged(found.get(name), stated.get(name))
        if words is None:
            if derived is not None:
                _note_underived(f"'{name}' is not derived", ("columns", name), located, faults)
            continue
        columns[name] = _required(name, words, short)
    return columns


def _merged(found: dict[str, Any] | None, stated: dict[str, Any] | None) -> dict[str, Any] | None:
    if stated is None or (found is None and stated.get("type") != DERIVED):
        return stated or found
    if found is None:
        return None
    kind = found["type"] if stated["type"] == DERIVED else stated["type"]
    tags = {**found.get("tags", {}), **stated.get("tags", {})}
    return {**found, **stated, "type": kind, **({"tags": tags} if tags else {})}


def _required(name: str, words: dict[str, Any], short: ShortTable) -> dict[str, Any]:
    """A column of the key, or that orders rows, is never null, whatever a query could give."""
    if words.get("key") or name in (*(short.key or ()), short.sequence):
        return {**words, "type": words["type"].removesuffix("?")}
    return words


def _note_underived(message: str, loc: tuple[str, ...], located: Located, faults: Collector) -> None:
    at, wanted = located.at(loc), f"`{COMMAND}`, which writes {derived_file(located.file).name}"
    faults.add("LK272", f"columns are to be derived, and {message}", file=located.file, at=at, wanted=wanted)
