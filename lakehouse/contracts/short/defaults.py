"""What a short contract means by a key that it leaves out."""

from __future__ import annotations

import re


def first_sentence(text: str) -> str:
    """The text up to its first full stop, without it."""
    return re.split(r"\.(?:\s|$)", text.strip(), maxsplit=1)[0]


def default_system(source_object: str) -> str:
    """The first part of the name of a table, a prefix or a topic, in lower case."""
    return re.split(r"[/.]", source_object)[0].lower()


def watermark_of(name: str, kind: str | None, sequence: str | None) -> tuple[str | None, str | None]:
    """(the watermark's column, the key of its state) of a table that states neither."""
    if kind is None or kind == "kafka":
        return None, f"{name}.offsets" if kind else None
    if kind == "landing":
        return sequence, f"{name}.files"
    return sequence, f"{name}.{sequence}" if sequence else None
