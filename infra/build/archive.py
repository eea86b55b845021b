"""Zip files whose bytes follow from their content alone."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

# The oldest moment that a zip file can say.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX, _PLAIN_FILE = 3, 0o644 << 16


def write_zip(path: Path, entries: Mapping[str, bytes | Path]) -> None:
    """`entries`: name → content, or the file that holds it. Not compressed: two versions of zlib may give different bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(entries):
            content = entries[name]
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = _UNIX, _PLAIN_FILE
            archive.writestr(info, content if isinstance(content, bytes) else content.read_bytes())
    # Whole or not at all: what is half written must not be deployed.
    unfinished.replace(path)


def files_of(folder: Path) -> Iterator[Path]:
    """Every file below a folder that is part of the tree, in order; none that Python made."""
    for path in sorted(folder.rglob("*")):
        if (
            path.is_file()
            and "__pycache__" not in path.parts
            and path.suffix != ".pyc"
            and not path.name.startswith(".")
        ):
            yield path


def room(root: Path, name: str) -> dict[str, Path]:
    """The files of one top-level folder by their path in the tree."""
    return {path.relative_to(root).as_posix(): path for path in files_of(root / name)}


def digest_of(entries: Mapping[str, bytes | Path]) -> str:
    """SHA-256 over names and contents, however they came to be."""
    total = hashlib.sha256()
    for name in sorted(entries):
        content = entries[name]
        raw = content if isinstance(content, bytes) else content.read_bytes()
        total.update(f"{len(name)}:{name}{len(raw)}:".encode() + raw)
    return total.hexdigest()


def sha256_of(path: Path) -> str:
    total = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            total.update(chunk)
    return total.hexdigest()
