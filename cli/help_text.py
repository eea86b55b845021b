"""Texts of `--help`."""

from __future__ import annotations


def unwrapped(text: str) -> str:
    """Paragraphs in one line each: the terminal wraps them at its own width. One with an indent stays."""
    paragraphs = text.strip().split("\n\n")
    return "\n\n".join(p if "\n " in p else p.replace("\n", " ") for p in paragraphs)
