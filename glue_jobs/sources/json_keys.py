"""The keys of a JSON object, as text: pure Python, for the samples of files."""

from __future__ import annotations

import json


def object_keys(line: str) -> list[str]:
    """The keys of the JSON object that a line is; none of any other line, or of one nested too deep."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return []
    return list(document) if isinstance(document, dict) else []
