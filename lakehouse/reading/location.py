"""A value read from a file, and where each of its parts stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lakehouse.reading.faults import Collector
from lakehouse.reading.jsontext import Loc, Place

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


def note_depth(file: Path, at: Place, faults: Collector) -> None:
    faults.add(
        "LK004",
        f"is nested more than {MOST_NESTED} deep",
        file=file,
        at=at,
        wanted=f"at most {MOST_NESTED} levels",
    )


def note_twice(key: str, file: Path, at: Place, faults: Collector) -> None:
    faults.add("LK005", f"key '{key}' stands twice", file=file, at=at, wanted="each key once", value=key)


def note_inexact(fault: str, file: Path, at: Place, faults: Collector) -> None:
    expected = "a number of at most 17 digits, between 1e-307 and 1.79e308, or 0"
    faults.add("LK290", f"number {fault}", file=file, at=at, wanted=expected)
