"""Reads a fact file's bytes as text."""

from __future__ import annotations

from pathlib import Path

from lakehouse.reading.faults import Collector


def read_text(file: Path, faults: Collector) -> str | None:
    """UTF-8, with or without a byte order mark; None, and a fault, for anything else."""
    try:
        raw = file.read_bytes()
    except OSError as e:
        faults.add("LK001", f"cannot be read: {e.strerror}", file=file, wanted="a readable file")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        before = raw[: e.start]
        at = (before.count(b"\n") + 1, e.start - before.rfind(b"\n"))
        faults.add(
            "LK003",
            f"byte 0x{raw[e.start]:02x} is not UTF-8",
            file=file,
            at=at,
            wanted="a UTF-8 file",
            value=f"0x{raw[e.start]:02x}",
        )
        return None
