"""The dirt of the members' changes."""

from __future__ import annotations

from sample_data.rules import CUSTOMER_OFFSET, Row, TextRule
from sample_data.summary import Outcome

SOURCE = "loyalty_members"


def _own(envelope: Row) -> Row:
    """A change of a member whom no clean message names."""
    sides = {side: envelope[side] and {**envelope[side]} for side in ("before", "after")}
    for row in sides.values():
        if row:
            row["customer_id"] += CUSTOMER_OFFSET
    return {**envelope, **sides}


def _without_rows(envelope: Row) -> Row:
    return {**envelope, "before": None, "after": None}


def _without_key(envelope: Row) -> Row:
    changed = _own(envelope)
    sides = {side: changed[side] and {**changed[side], "customer_id": None} for side in ("before", "after")}
    return {**changed, **sides}


MEMBER_RULES = (
    TextRule(SOURCE, "unknown_op", Outcome.SILVER, "op is 't'", lambda row: {**_own(row), "op": "t"}),
    TextRule(SOURCE, "no_row", Outcome.SILVER, "neither before nor after", _without_rows),
    TextRule(SOURCE, "null_key", Outcome.SILVER, "customer_id is null", _without_key),
    TextRule(
        SOURCE,
        "truncated",
        Outcome.SILVER,
        "the second half of the message is missing",
        _own,
        lambda line: line[: len(line) // 2],
    ),
    TextRule(SOURCE, "no_json", Outcome.SILVER, "the message is the text 'ping'", spoil=lambda _: b"ping"),
)
