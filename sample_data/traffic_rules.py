"""The dirt of the traffic events."""

from __future__ import annotations

from sample_data.rules import Row, TextRule
from sample_data.summary import Outcome
from sample_data.text_rules import BAD_DATE

SOURCE = "kafka_data_bronze"
NOT_UTF8 = b"\xff\xfe"


def _own(row: Row) -> Row:
    """An event that no clean row is: its session, and so its composite key, is its own too."""
    shifted = {key: str(row[key]).replace("-", "-900000", 1) for key in ("event_id", "session_id")}
    return {**row, **shifted}


def _resent(row: Row) -> Row:
    return {**row, "event_id": str(row["event_id"]).replace("T-", "T-9", 1)}


def _without_session(row: Row) -> Row:
    return {key: value for key, value in _own(row).items() if key != "session_id"}


def _cut(line: bytes) -> bytes:
    return line[: len(line) // 2]


def _not_utf8(line: bytes) -> bytes:
    return line.replace(b'"page_url":"', b'"page_url":"' + NOT_UTF8, 1)


TRAFFIC_RULES = (
    TextRule(
        SOURCE, "null_key", Outcome.BRONZE, "event_id is null", lambda row: {**_own(row), "event_id": None}
    ),
    TextRule(SOURCE, "missing_field", Outcome.BRONZE, "there is no session_id", _without_session),
    TextRule(SOURCE, "truncated", Outcome.BRONZE, "the second half of the message is missing", _own, _cut),
    TextRule(SOURCE, "no_json", Outcome.BRONZE, "the message is the text 'ping'", spoil=lambda _: b"ping"),
    TextRule(SOURCE, "empty", Outcome.BRONZE, "the message has no bytes", spoil=lambda _: b""),
    TextRule(
        SOURCE, "not_utf8", Outcome.BRONZE, "the message holds bytes that are not UTF-8", _own, _not_utf8
    ),
    TextRule(
        SOURCE,
        "negative_duration",
        Outcome.BRONZE,
        "duration_ms is -1",
        lambda row: {**_own(row), "duration_ms": -1},
    ),
    TextRule(
        SOURCE,
        "unknown_event_type",
        Outcome.BRONZE,
        "event_type is 'teleport'",
        lambda row: {**_own(row), "event_type": "teleport"},
    ),
    TextRule(
        SOURCE,
        "unparsable_number",
        Outcome.BRONZE,
        "customer_id is 'twelve'",
        lambda row: {**_own(row), "customer_id": "twelve"},
    ),
    TextRule(
        SOURCE,
        "unparsable_timestamp",
        Outcome.BRONZE,
        f"event_ts is {BAD_DATE}",
        lambda row: {**_own(row), "event_ts": BAD_DATE},
    ),
    TextRule(SOURCE, "duplicate", Outcome.DEDUPLICATED, "the same message again"),
    TextRule(
        SOURCE,
        "resent",
        Outcome.DEDUPLICATED,
        "the same event again under another event_id: the same composite key",
        _resent,
    ),
)
