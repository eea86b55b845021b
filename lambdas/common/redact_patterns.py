"""Hides what looks like a secret in words that others wrote, such as the error of a driver."""

from __future__ import annotations

import re

HIDDEN = "***"
# A run's own errors come redacted from the audit; these are for what died before it could write there.
_SHAPES = (
    (re.compile(r"(?<=://)[^\s/@]*:[^\s/]*(?=@)"), HIDDEN),
    (
        re.compile(
            r"""(?ix) \b ((?:\w*[_-])? (?:pass(?:word|wd|phrase)? | pwd | secret | token | api[_-]?key | access[_-]?key | sas | credential s?) \w* ["']? \s* [:=] \s*)
            (?: "[^"]*" | '[^']*' | [^\s,;&)}\]]+ )"""
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), HIDDEN),
    (re.compile(r"\bxox[a-z]-[\w-]{8,}"), HIDDEN),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"(?i)(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s]+"), rf"\1{HIDDEN}"),
)


def scrub(text: str) -> str:
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


def first_line(text: str, most: int = 400) -> str:
    """The first line that says something, without secrets and without control characters, at most `most` characters."""
    line = next((line for line in map(str.strip, text.splitlines()) if line), "")
    line = "".join(ch if ch.isprintable() else " " for ch in scrub(line))
    return line if len(line) <= most else f"{line[: most - 1]}…"
