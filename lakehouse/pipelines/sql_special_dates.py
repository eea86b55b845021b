"""Texts that Spark takes for the time at which a query runs, wherever it casts them to a date or time.

The value follows the clock: `CAST('today' AS DATE)`, `day < 'today'` and `date_add('now', 1)` too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import Token, TokenType

from lakehouse.pipelines.sql_refusal import Refusal

# Spark takes a zone after the word, which it ignores.
_SPECIAL = re.compile(r"\s*(now|today|tomorrow|yesterday)(\s+[\w:+/-]+)?\s*", re.IGNORECASE)
_LITERALS = frozenset({"date", "timestamp", "timestamp_ntz", "timestamp_ltz"})
CASTING = frozenset(
    """
    add_months cast convert_timezone date date_add date_diff date_format date_part date_sub date_trunc dateadd
    datediff datepart day dayofmonth dayofweek dayofyear extract from_utc_timestamp hour last_day minute month
    months_between next_day quarter second timestamp timestampadd timestampdiff to_date to_timestamp
    to_timestamp_ltz to_timestamp_ntz to_unix_timestamp to_utc_timestamp trunc try_cast try_to_timestamp
    unix_date unix_micros unix_millis unix_seconds unix_timestamp weekday weekofyear window year
    """.split()  # noqa: SIM905 (one word a line would be dozens of lines)
)
# A text has no order to a day: Spark casts it.
_ORDERING = (TokenType.LT, TokenType.LTE, TokenType.GT, TokenType.GTE, TokenType.BETWEEN)
# Nor a sum with an interval.
_SUMS = (TokenType.PLUS, TokenType.DASH)


def is_clock_text(text: str) -> bool:
    """Whether Spark takes the text for a time of the clock."""
    return _SPECIAL.fullmatch(text) is not None


def clock_texts(tokens: Sequence[Token]) -> Iterator[Refusal]:
    """Each text of the clock that is a literal of a time, an argument of a date function, or a bound."""
    calls: list[str] = []
    for i, token in enumerate(tokens):
        if token.token_type is TokenType.L_PAREN:
            calls.append(tokens[i - 1].text.lower().split()[-1] if i and tokens[i - 1].text.strip() else "")
        elif token.token_type is TokenType.R_PAREN and calls:
            calls.pop()
        elif token.token_type is TokenType.STRING and is_clock_text(token.text):
            before, after = tokens[i - 1] if i else None, tokens[i + 1] if i + 1 < len(tokens) else None
            if _is_cast(before, after, calls, tokens[:i]):
                message = f"reads the clock by '{token.text}'"
                yield Refusal(message, token.start, "the logical date, :run_date")


def _is_cast(before: Token | None, after: Token | None, calls: list[str], earlier: Sequence[Token]) -> bool:
    if before is not None and (before.text.lower() in _LITERALS or before.token_type in (*_ORDERING, *_SUMS)):
        return True
    upper = before is not None and before.token_type is TokenType.AND and _bounds(earlier)
    ordered = after is not None and after.token_type in (*_ORDERING, *_SUMS)
    return upper or ordered or bool(calls and calls[-1] in CASTING)


def _bounds(earlier: Sequence[Token]) -> bool:
    """Whether the AND before belongs to a BETWEEN: one literal or parameter ago."""
    return any(token.token_type is TokenType.BETWEEN for token in earlier[-6:])
