"""Reads YAML, JSON and CSV so that every value remembers its line and column."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from facts.faults import Collector

Loc = tuple[Hashable, ...]
Place = tuple[int, int]
# Deeper facts than this are an attack or an accident; both would overflow the stack of a recursive reader.
MOST_NESTED = 64


@dataclass
class Located:
    """A value read from a file, with the place of each part by its path of keys and indexes."""

    file: Path
    value: Any
    places: dict[Loc, Place] = field(default_factory=dict)
    keys: dict[Loc, Place] = field(default_factory=dict)
    files: dict[Loc, Path] = field(default_factory=dict)

    def file_at(self, loc: Loc) -> Path:
        """The file that states `loc`, where several were laid over one another."""
        return next((self.files[loc[:end]] for end in range(len(loc), 0, -1) if loc[:end] in self.files), self.file)

    def at(self, loc: Loc) -> Place:
        """The place of `loc`, or of the nearest part around it that exists."""
        for end in range(len(loc), -1, -1):
            found = self.keys.get(loc[:end]) if end < len(loc) else self.places.get(loc)
            found = found or self.places.get(loc[:end])
            if found:
                return found
        return (0, 0)


def read_text(file: Path, faults: Collector) -> str | None:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as e:
        faults.add("LK003", f"byte {e.start} is not UTF-8", file=file, wanted="a UTF-8 file")
    except OSError as e:
        faults.add("LK001", f"cannot be read: {e.strerror}", file=file, wanted="a readable file")
    return None


def read_yaml(file: Path, faults: Collector) -> Located | None:
    """YAML, or JSON, as one tree. A duplicate key is a fault: the first would vanish in silence."""
    text = read_text(file, faults)
    return None if text is None else parse_tree(text, file, faults)


def read_json(file: Path, faults: Collector) -> Located | None:
    text = read_text(file, faults)
    if text is None or _too_deep(text, file, faults):
        return None
    try:
        json.loads(text)
    except json.JSONDecodeError as e:
        faults.add("LK002", f"is not JSON: {e.msg}", file=file, at=(e.lineno, e.colno), wanted="valid JSON")
        return None
    # Every JSON document is YAML once its tabs, which can only be white space, are blanks.
    return parse_tree(text.replace("\t", " "), file, faults)


def parse_tree(text: str, file: Path, faults: Collector) -> Located | None:
    if _too_deep(text, file, faults):
        return None
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
        found = Located(file, None)
        found.value = _walk(root, (), found, faults) if root else None
        return found
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark
        at = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        faults.add("LK002", f"is not YAML: {e.problem}", file=file, at=at, wanted="valid YAML")
    except yaml.YAMLError as e:
        faults.add("LK002", f"is not YAML: {e}", file=file, wanted="valid YAML")
    return None


def _too_deep(text: str, file: Path, faults: Collector) -> bool:
    depth = deepest = 0
    for ch in text:
        if ch in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif ch in "]}":
            depth -= 1
    if deepest > MOST_NESTED:
        faults.add("LK004", f"is nested {deepest} deep", file=file, wanted=f"at most {MOST_NESTED} levels")
    return deepest > MOST_NESTED


_CONSTRUCT = yaml.SafeLoader("")


def _walk(node: yaml.Node, loc: Loc, found: Located, faults: Collector) -> Any:
    if len(loc) > MOST_NESTED:
        raise yaml.YAMLError(f"nested more than {MOST_NESTED} deep")
    found.places[loc] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_walk(item, (*loc, i), found, faults) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        out: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = _scalar(key_node)
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key in out:
                faults.add("LK005", f"key '{key}' stands twice", file=found.file, at=place, wanted="each key once", value=key)
            found.keys[(*loc, key)] = place
            out[key] = _walk(value_node, (*loc, key), found, faults)
        return out
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    # Dates stay text: the models type them, and a JSON Schema example of a date is text too.
    if isinstance(node, yaml.MappingNode | yaml.SequenceNode) or node.tag == "tag:yaml.org,2002:timestamp":
        return str(node.value)
    return _CONSTRUCT.construct_object(node)


@dataclass
class CsvRow:
    """One record: its cells by header name, and the line each record starts on."""

    file: Path
    line: int
    cells: dict[str, str]


def read_csv(file: Path, columns: tuple[str, ...], faults: Collector) -> list[CsvRow]:
    """RFC 4180, or the pipe-drawn table of a document. Unknown, missing and doubled columns are faults."""
    text = read_text(file, faults)
    if text is None:
        return []
    drawn = text.lstrip().startswith("|")
    records = _drawn(text) if drawn else _quoted(text, file, faults)
    if not records:
        faults.add("LK006", "has no header", file=file, wanted=",".join(columns))
        return []
    (head_line, header), body = records[0], records[1:]
    header = [name.strip() for name in header]
    for name in header:
        if name not in columns:
            faults.add("LK007", f"unknown column '{name}'", file=file, at=(head_line, 0), wanted=", ".join(columns), value=name, among=columns)
        elif header.count(name) > 1:
            faults.add("LK005", f"column '{name}' stands twice", file=file, at=(head_line, 0), wanted="each column once", value=name)
    rows = []
    for line, cells in body:
        if len(cells) != len(header):
            what = f"has {len(cells)} cells where the header has {len(header)}"
            faults.add("LK008", what, file=file, at=(line, 0), wanted="one cell per column; quote a cell that holds a comma")
            continue
        rows.append(CsvRow(file, line, {k: v.strip() for k, v in zip(header, cells, strict=True)}))
    return rows


def _quoted(text: str, file: Path, faults: Collector) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if cells:
                records.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as e:
        faults.add("LK002", f"is not CSV: {e}", file=file, at=(line, 0), wanted="RFC 4180: quotes doubled inside quotes")
    return records


def _drawn(text: str) -> list[tuple[int, list[str]]]:
    records = []
    for number, line in enumerate(text.splitlines(), 1):
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if line.strip() and not all(set(c) <= set("-: ") and c for c in cells):
            records.append((number, cells))
    return records
