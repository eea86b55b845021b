"""Reads YAML and JSON so that every value remembers its line and column."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from lakehouse.reading.core_schema import plain_value
from lakehouse.reading.faults import Collector
from lakehouse.reading.jsontext import Loc, Place, depths, half_character, json_places
from lakehouse.reading.tabular import CsvRow, read_csv
from lakehouse.reading.text import read_text

__all__ = [
    "CsvRow",
    "Loc",
    "Located",
    "Place",
    "parse_tree",
    "read_csv",
    "read_json",
    "read_text",
    "read_yaml",
]

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
        return next(
            (self.files[loc[:end]] for end in range(len(loc), 0, -1) if loc[:end] in self.files), self.file
        )

    def at(self, loc: Loc, *, key: bool = False) -> Place:
        """The place of `loc`, of its key if so asked, or else of the nearest part around it that exists."""
        if not key and loc in self.places:
            return self.places[loc]
        for end in range(len(loc), -1, -1):
            location = self.keys.get(loc[:end]) or self.places.get(loc[:end])
            if location:
                return location
        return (0, 0)


def read_yaml(file: Path, faults: Collector) -> Located | None:
    """YAML, or JSON, as one tree. A duplicate key is a fault: the first would vanish in silence."""
    text = read_text(file, faults)
    return None if text is None else parse_tree(text, file, faults)


def read_json(file: Path, faults: Collector) -> Located | None:
    """Strict JSON, without NaN; a duplicate key is a fault."""
    text = read_text(file, faults)
    if text is None:
        return None
    deep = next((offset for offset, depth in depths(text) if depth > MOST_NESTED), None)
    if deep is not None:
        _note_depth(file, (text.count("\n", 0, deep) + 1, deep - text.rfind("\n", 0, deep)), faults)
        return None
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as e:
        faults.add("LK002", f"is not JSON: {e.msg}", file=file, at=(e.lineno, e.colno), wanted="valid JSON")
        return None
    except ValueError as e:
        faults.add("LK002", f"is not JSON: {e}", file=file, wanted="valid JSON")
        return None
    half = half_character(text)
    if half is not None:
        at = (text.count("\n", 0, half) + 1, half - text.rfind("\n", 0, half))
        faults.add("LK002", "is not JSON: half of a character", file=file, at=at, wanted="the whole one")
        return None
    places = json_places(text)
    for key, at in places.twice:
        _note_twice(key, file, at, faults)
    return Located(file, value, places.values, places.keys)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def parse_tree(text: str, file: Path, faults: Collector) -> Located | None:
    try:
        if not _walkable(text, file, faults):
            return None
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
        walk = _Walk(Located(file, None), faults)
        walk.located.value = walk.value(root, ()) if root else None
        return walk.located
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark
        at = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        faults.add("LK002", f"is not YAML: {e.problem}", file=file, at=at, wanted="valid YAML")
    except (yaml.YAMLError, ValueError) as e:
        faults.add("LK002", f"is not YAML: {e}", file=file, wanted="valid YAML")
    return None


def _walkable(text: str, file: Path, faults: Collector) -> bool:
    """Whether a tree is not too deep and has no tag, which may name code, and no alias, which may repeat its
    anchor a billion times. Events come one by one, so this cannot overflow.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        at = _place(event)
        if isinstance(event, yaml.AliasEvent):
            faults.add(
                "LK009",
                f"uses the alias '*{event.anchor}'",
                file=file,
                at=at,
                wanted="the value written out",
                value=event.anchor,
            )
            return False
        tag = getattr(event, "tag", None)
        if tag:
            message, expected = f"uses the tag '{tag}'", "a value without a tag"
            faults.add("LK002", message, file=file, at=at, wanted=expected, value=tag)
            return False
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_NESTED:
            _note_depth(file, at, faults)
            return False
    return True


def _note_depth(file: Path, at: Place, faults: Collector) -> None:
    faults.add(
        "LK004",
        f"is nested more than {MOST_NESTED} deep",
        file=file,
        at=at,
        wanted=f"at most {MOST_NESTED} levels",
    )


def _note_twice(key: str, file: Path, at: Place, faults: Collector) -> None:
    faults.add("LK005", f"key '{key}' stands twice", file=file, at=at, wanted="each key once", value=key)


class _Walk:
    """Turns nodes into values and notes where each stands."""

    def __init__(self, located: Located, faults: Collector) -> None:
        self.located, self.faults = located, faults

    def value(self, node: yaml.Node, loc: Loc) -> Any:
        self.located.places[loc] = _place(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*loc, i)) for i, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, loc)
        return self.scalar(node)

    def mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[Any, Any]:
        out: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key, location = self.scalar(key_node), _place(key_node)
            if key in out:
                _note_twice(str(key), self.located.file, location, self.faults)
            self.located.keys[(*loc, key)] = location
            out[key] = self.value(value_node, (*loc, key))
        return out

    def scalar(self, node: yaml.Node) -> Any:
        # A collection as a key is text, which no model knows as one of its keys.
        if not isinstance(node, yaml.ScalarNode) or node.style:
            return str(node.value)
        try:
            # Dates stay text: models type them.
            return plain_value(str(node.value))
        except ValueError as e:
            raise yaml.MarkedYAMLError(problem=str(e), problem_mark=node.start_mark) from e


def _place(part: yaml.Node | yaml.Event) -> Place:
    mark = part.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)
