"""Hides what looks like a secret in texts of others, such as a driver's error."""

from __future__ import annotations

import re

HIDDEN = "***"
# The audit holds redacted errors. These patterns are for runs that died before they wrote to the audit.
_PATTERNS = (
    (re.compile(r"(?<=://)[^\s/@]*:[^\s/]*(?=@)"), HIDDEN),
    (
        re.compile(
            r"""(?ix) \b (
                (?:\w*[_-])?
                (?: pass(?:word|wd|phrase)? | pwd | secret | token | sas | credential s?
                  | api[_-]?key | access[_-]?key )
                \w* ["']? \s* [:=] \s*
            )
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


def redact(text: str) -> str:
    """The text with `***` in place of passwords, tokens and keys."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def first_line(text: str, max_length: int = 400) -> str:
    """The first line that is not blank, redacted, without control characters, and shortened."""
    line = next((line for line in map(str.strip, text.splitlines()) if line), "")
    line = "".join(ch if ch.isprintable() else " " for ch in redact(line))
    return line if len(line) <= max_length else f"{line[: max_length - 1]}…"
