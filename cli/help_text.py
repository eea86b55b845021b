"""Texts of `--help` that are longer than a docstring's first paragraph."""

from __future__ import annotations

import re


def unwrapped(text: str) -> str:
    """Paragraphs in one line each: the terminal wraps them at its own width."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text.strip())
