"""Zip files whose bytes follow from their content alone."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lakehouse.digest import Entries, content_of

# The oldest moment that a zip file can state.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX, _PLAIN_FILE = 3, 0o644 << 16


def write_zip(path: Path, entries: Entries) -> None:
    """Writes `entries` to `path`, whole or not at all.

    Not compressed: two versions of zlib may give different bytes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = _UNIX, _PLAIN_FILE
            archive.writestr(info, content_of(entries[name]))
    unfinished.replace(path)


def source_files(folder: Path) -> Iterator[Path]:
    """Every source file below a folder, sorted. Skips what Python compiles and what begins with a dot."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if path.is_file() and not hidden and path.suffix != ".pyc":
            yield path


def folder_entries(root: Path, name: str) -> dict[str, bytes | Path]:
    """The source files of the folder `name` of `root`, by their path from `root`."""
    return {path.relative_to(root).as_posix(): path for path in source_files(root / name)}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
