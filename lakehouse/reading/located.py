"""Reads YAML and JSON so that every value remembers its line and column."""

from __future__ import annotations

import json
from pathlib import Path

from lakehouse.reading.core_schema import InexactNumberError, exact_float
from lakehouse.reading.faults import Collector
from lakehouse.reading.jsontext import Loc, Place, depths, half_character, json_places, place_of, word_at
from lakehouse.reading.location import MOST_NESTED, Located, note_depth, note_inexact, note_twice
from lakehouse.reading.tabular import CsvRow, read_csv
from lakehouse.reading.text import read_text
from lakehouse.reading.yaml_tree import parse_tree

__all__ = [
    "MOST_NESTED",
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
        note_depth(file, place_of(text, deep), faults)
        return None
    numbers = _Numbers()
    try:
        value = json.loads(
            text, parse_constant=numbers.constant, parse_float=numbers.decimal, parse_int=numbers.whole
        )
    except json.JSONDecodeError as e:
        faults.add("LK002", f"is not JSON: {e.msg}", file=file, at=(e.lineno, e.colno), wanted="valid JSON")
        return None
    half = half_character(text)
    if half is not None:
        at = place_of(text, half)
        faults.add("LK002", "is not JSON: half of a character", file=file, at=at, wanted="the whole one")
        return None
    if numbers.faults:
        numbers.note(text, file, faults)
        return None
    places = json_places(text)
    for key, at in places.twice:
        note_twice(key, file, at, faults)
    return Located(file, value, places.values, places.keys)


class _Numbers:
    """Reads the numbers of a JSON text, and remembers those that are none, or that would be changed."""

    def __init__(self) -> None:
        self.faults: dict[str, tuple[str, str]] = {}

    def constant(self, word: str) -> float:
        self.faults[word] = ("LK002", f"is not JSON: {word} is no number")
        return 0.0

    def whole(self, word: str) -> int:
        try:
            return int(word)
        except ValueError:  # Python reads 4,300 digits
            self.faults[word] = ("LK290", f"{word:.20}… has {len(word)} digits")
            return 0

    def decimal(self, word: str) -> float:
        try:
            return exact_float(word)
        except InexactNumberError as error:
            self.faults[word] = ("LK290", str(error))
            return 0.0

    def note(self, text: str, file: Path, faults: Collector) -> None:
        for word, (code, fault) in self.faults.items():
            at = word_at(text, word)
            if code == "LK290":
                note_inexact(fault, file, at, faults)
            else:
                faults.add(code, fault, file=file, at=at, wanted="valid JSON")
