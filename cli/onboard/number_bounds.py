"""The least and the greatest number of a column."""

from __future__ import annotations

import math
import re
from decimal import Decimal

FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?")


def bounds(texts: set[str], kind: str) -> tuple[str | None, str | None]:
    """The least and the greatest value of a column of numbers."""
    finite = {text for text in texts if FLOAT.fullmatch(text) and is_finite(text)}
    if not finite or not kind.startswith(("bigint", "int", "decimal", "double", "float")):
        return None, None
    return min(finite, key=Decimal), max(finite, key=Decimal)


def is_finite(text: str) -> bool:
    """Whether a number is one of a double."""
    return math.isfinite(float(text))
