"""The state of reading one config.json: where its keys are, and its faults."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from lakehouse.pipelines.sql_file import Note
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located


@dataclass(frozen=True)
class ConfigReader:
    """Holds a config.json while it is read: folder, positions of keys, and faults found so far."""

    folder: Path
    at: Located
    faults: Collector

    def note(
        self,
        code: str,
        message: str,
        wanted: str,
        *loc: Hashable,
        value: str = "",
        among: list[str] | None = None,
    ) -> None:
        """Adds a fault of the key `loc`."""
        at = self.at.at(loc)
        self.faults.add(
            code, message, file=self.at.file, at=at, wanted=wanted, value=value, among=among or []
        )

    def noting(self, *loc: Hashable) -> Note:
        """`note` for one key."""
        return lambda code, message, wanted, among: self.note(code, message, wanted, *loc, among=among)

    def location(self, *loc: Hashable) -> str:
        """`file:line` of a key."""
        return f"{self.faults.relative(self.at.file)}:{self.at.at(loc)[0]}"


def note_duplicates(names: list[str], key: str, reader: ConfigReader) -> None:
    """Notes LK305 for each task_name that occurs twice below `key`."""
    for i, name in enumerate(names):
        if name in names[:i]:
            reader.note(
                "LK305", f"task_name '{name}' stands twice", "each once", key, i, "task_name", value=name
            )
