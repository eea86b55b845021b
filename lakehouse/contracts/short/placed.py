"""Builds a value of which each part knows the place that it was read from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lakehouse.reading.jsontext import Loc, Place
from lakehouse.reading.located import Located


class Placed:
    """A tree of dictionaries that is filled path by path."""

    def __init__(self, file: Path, at: Place) -> None:
        self.located = Located(file, {}, {(): at})

    def put(self, loc: Loc, value: Any, at: Place) -> None:
        """Sets the value at a path of keys, with everything in it placed at `at`."""
        inside = self.located.value
        for end, key in enumerate(loc[:-1], start=1):
            self.located.keys.setdefault(loc[:end], at)
            self.located.places.setdefault(loc[:end], at)
            inside = inside.setdefault(key, {})
        inside[loc[-1]] = value
        self.located.keys[loc] = at
        self._place(loc, value, at)

    def _place(self, loc: Loc, value: Any, at: Place) -> None:
        self.located.places[loc] = at
        parts = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for key, part in parts:
            if isinstance(value, dict):
                self.located.keys[(*loc, key)] = at
            self._place((*loc, key), part, at)

    def copy(self, loc: Loc, source: Located, of: Loc) -> None:
        """Sets the value at `loc` to the one that `source` has at `of`, each part at its own place."""
        value: Any = source.value
        for key in of:
            value = value[key]
        self.put(loc, value, source.at(of))
        for path, at in source.places.items():
            if path[: len(of)] == of:
                self.located.places[loc + path[len(of) :]] = at
        for path, at in source.keys.items():
            if path[: len(of)] == of:
                self.located.keys[loc + path[len(of) :]] = at
