"""Plain scalars of YAML by the core schema of YAML 1.2, which is what people and editors expect.

PyYAML follows YAML 1.1, in which NO is false, 0123 is 83 and 12:30 is 750.
https://yaml.org/spec/1.2.2/#103-core-schema
"""

from __future__ import annotations

import re
from decimal import Decimal

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NAN = re.compile(r"\.(nan|NaN|NAN)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")


class InexactNumberError(ValueError):
    """A number that a double does not hold as it is written: another one would be used."""


def exact_float(text: str) -> float:
    """The double of a decimal number. Raises InexactNumberError for one that no double stands for."""
    number = float(text)
    if Decimal(text) != Decimal(repr(number)):
        raise InexactNumberError(f"{text:.40} would be {number!r}")
    return number


def plain_value(text: str) -> bool | int | float | str | None:
    """The value of a scalar that has no quotes.

    Raises ValueError for a whole number that begins with 0: one reader takes it for octal, another for
    decimal, and a postal code would lose its zero. Raises InexactNumberError for one with too many digits.
    """
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text[0] in "tT"
    if _LEADING_ZERO.fullmatch(text):
        raise ValueError(f"{text} begins with 0; write '{text}' as text, or the number without the 0")
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text) or _HEXADECIMAL.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return exact_float(text)
    if _INFINITY.fullmatch(text):
        return float(text.replace(".", "").lower())
    return float("nan") if _NAN.fullmatch(text) else text
