"""Patterns of policies: wildcards, ARNs compared part by part, and variables such as ${aws:PrincipalArn}."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

# Condition key in lower case → its values.
Context = Mapping[str, tuple[str, ...]]

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_ARN_PARTS = 6
_CACHED = 20_000


class MissingVariableError(Exception):
    """A policy names a variable that the request does not have."""


def many(value: Any) -> list[Any]:
    """The values of an element that may be one value or a list."""
    return value if isinstance(value, list) else [value]


def like(pattern: str, value: str, context: Context) -> bool:
    """Whether a value matches a pattern with `*`, `?` and variables. Raises MissingVariableError."""
    return _expression(*_resolved(pattern, context)).fullmatch(value) is not None


def like_arn(pattern: str, value: str, context: Context) -> bool:
    """Whether an ARN matches: a wildcard of the first five parts does not reach into the next one.

    Raises MissingVariableError.
    """
    if pattern == "*" or value == "*":
        return pattern == "*"
    patterns, parts = pattern.split(":", _ARN_PARTS - 1), value.split(":", _ARN_PARTS - 1)
    patterns += ["*"] * (_ARN_PARTS - len(patterns))
    return len(parts) == _ARN_PARTS and all(
        like(p, part, context) for p, part in zip(patterns, parts, strict=True)
    )


def same(pattern: str, value: str, context: Context) -> bool:
    """Whether a value equals a text, in which variables are replaced. Raises MissingVariableError."""
    pieces, values = _resolved(pattern, context)
    return value == "".join(_interleaved(pieces, values))


# Policy's text, request's value, context → whether they agree.
Compare = Callable[[str, str, Context], bool]


def any_holds(compare: Compare, texts: Iterable[str], value: str, context: Context, *, negated: bool) -> bool:
    """Whether one of the texts agrees with the value; `negated`: none of them.

    A text with a variable that the request does not have neither agrees nor disagrees.
    """
    for text in texts:
        try:
            if compare(text, value, context):
                return not negated
        except MissingVariableError:
            if negated:
                return False
    return negated


def any_like(patterns: Any, value: str) -> bool:
    """Whether a name of an action matches one of the patterns; case does not count."""
    return any(_expression((p.lower(),), ()).fullmatch(value.lower()) for p in many(patterns))


def _resolved(pattern: str, context: Context) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The pieces between variables, and the value of each variable. Raises MissingVariableError."""
    if "${" not in pattern:
        return (pattern,), ()
    parts = _VARIABLE.split(pattern)
    return tuple(parts[::2]), tuple(_value(variable, context) for variable in parts[1::2])


def _value(variable: str, context: Context) -> str:
    if variable in ("*", "?", "$"):
        return variable
    name, _, default = (part.strip() for part in variable.partition(","))
    values = context.get(name.lower(), ())
    if len(values) == 1:
        return values[0]
    if default:
        return default.strip("'")
    raise MissingVariableError(variable)


@lru_cache(_CACHED)
def _expression(pieces: tuple[str, ...], values: tuple[str, ...]) -> re.Pattern[str]:
    """Wildcards of the pieces are wildcards; those of a variable's value are characters."""
    wild = (
        "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in piece)
        for piece in pieces
    )
    return re.compile("".join(_interleaved(wild, map(re.escape, values))), re.DOTALL)


def _interleaved(pieces: Iterable[str], values: Iterable[str]) -> Iterable[str]:
    remaining = iter(values)
    for piece in pieces:
        yield piece
        yield next(remaining, "")
