"""The state of a project's files: as long as it is the same, what was read of them holds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

# (path, nanosecond of the last change, size) of each file.
State = tuple[tuple[str, int, int], ...]


def state_of(root: Path, parts: Sequence[str]) -> State:
    """The state of the files `parts` of a project, and of all files below those that are folders."""
    return tuple(sorted(entry for part in parts for entry in _entries(root / part)))


def _entries(path: Path) -> Iterator[tuple[str, int, int]]:
    if path.is_file():
        yield _entry(str(path), path.stat())
    elif path.is_dir():
        yield from _below(str(path))


def _below(folder: str) -> Iterator[tuple[str, int, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # that it cannot be read is a fault, which the reader of its files notes
        entries = []
    for entry in entries:
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _below(entry.path)
        elif entry.is_file():
            yield _entry(entry.path, entry.stat())


def _entry(path: str, stat: os.stat_result) -> tuple[str, int, int]:
    return path, stat.st_mtime_ns, stat.st_size
