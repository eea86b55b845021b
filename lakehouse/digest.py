"""Digests of files that follow from their names and contents alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

# Path in an archive or folder → content, or the file that holds it.
Entries = Mapping[str, bytes | Path]


def content_of(content: bytes | Path) -> bytes:
    """The bytes of an entry."""
    return content if isinstance(content, bytes) else content.read_bytes()


def digest_of(entries: Entries) -> str:
    """SHA-256 over names and contents, as 64 hexadecimal digits."""
    total = hashlib.sha256()
    for name in sorted(entries):
        raw = content_of(entries[name])
        total.update(f"{len(name)}:{name}{len(raw)}:".encode() + raw)
    return total.hexdigest()
