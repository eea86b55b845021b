"""The dirt of text sources: lines, documents and messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sample_data.rules import BAD_EMAIL, Row, TextRule
from sample_data.summary import Outcome

BAD_DATE = "2017-13-45"


def having(**values: Any) -> Callable[[Row], Row]:
    return lambda row: {**row, **values}


def without(name: str) -> Callable[[Row], Row]:
    return lambda row: {key: value for key, value in row.items() if key != name}


def shifted(key: str, prefix: str) -> Callable[[Row], Row]:
    """A key of the same form that no clean row has: its first number is out of their range."""
    return lambda row: {**row, key: f"{prefix}900000{str(row[key]).removeprefix(prefix)}"}


def then(*edits: Callable[[Row], Row]) -> Callable[[Row], Row]:
    def apply(row: Row) -> Row:
        for edit in edits:
            row = edit(row)
        return row

    return apply


def older(**values: Any) -> Callable[[Row], Row]:
    """The same key a second earlier, with other values: a reader that takes the last row instead of the
    newest is found out.
    """
    return lambda row: {**row, **values, "updated_at": _second_before(row["updated_at"])}


def _second_before(stamp: str) -> str:
    return (datetime.fromisoformat(stamp) - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def cut(line: bytes) -> bytes:
    return line[: len(line) // 2]


def not_utf8(before: bytes) -> Callable[[bytes], bytes]:
    """Two bytes that begin no character, put into a text: the line is whole otherwise."""
    return lambda line: line.replace(before, before + b"\xff\xfe", 1)


def fewer_columns(line: bytes) -> bytes:
    return b",".join(line.split(b",")[:-2])


def _crm(table: str, key: str, prefix: str, required: str, day: str, before: Row) -> tuple[TextRule, ...]:
    """What can happen to any JSON line; `required` is a field that must be there, `day` one that holds a date
    or timestamp.
    """
    source, new_key = f"crm_{table}", shifted(key, prefix)
    return (
        TextRule(source, "null_key", Outcome.BRONZE, f"{key} is null", having(**{key: None})),
        TextRule(
            source,
            "missing_field",
            Outcome.BRONZE,
            f"there is no {required}",
            then(new_key, without(required)),
        ),
        TextRule(
            source,
            "unparsable_date",
            Outcome.BRONZE,
            f"{day} is {BAD_DATE}",
            then(new_key, having(**{day: BAD_DATE})),
        ),
        TextRule(
            source,
            "truncated_line",
            Outcome.BRONZE,
            "the second half of the line is missing",
            new_key,
            cut,
        ),
        TextRule(source, "duplicate", Outcome.DEDUPLICATED, "the same line again"),
        TextRule(
            source,
            "older_version",
            Outcome.DEDUPLICATED,
            f"the same key a second earlier: {before}",
            older(**before),
        ),
    )


TEXT_RULES: tuple[TextRule, ...] = (
    *_crm("accounts", "account_id", "ACC-", "store_id", "opened_on", {"region": "Older Version"}),
    TextRule(
        "crm_accounts",
        "unparsable_number",
        Outcome.BRONZE,
        "store_id is 'twelve'",
        then(shifted("account_id", "ACC-"), having(store_id="twelve")),
    ),
    *_crm("contacts", "contact_id", "CON-", "customer_id", "updated_at", {"full_name": "Older Version"}),
    TextRule(
        "crm_contacts",
        "bad_email",
        Outcome.BRONZE,
        "email has no @",
        then(shifted("contact_id", "CON-"), having(email=BAD_EMAIL)),
    ),
    TextRule(
        "crm_contacts",
        "not_utf8",
        Outcome.BRONZE,
        "the line holds bytes that are not UTF-8",
        shifted("contact_id", "CON-"),
        not_utf8(b'"full_name":"'),
    ),
    *_crm("opportunities", "opportunity_id", "OPP-", "customer_id", "start_date", {"end_date": "2099-12-31"}),
    TextRule("fx_rates", "negative_rate", Outcome.BRONZE, "the rate is -1", having(rate="-1")),
    TextRule(
        "fx_rates", "unparsable_rate", Outcome.BRONZE, 'the rate is the text "n/a"', having(rate='"n/a"')
    ),
    TextRule("fx_rates", "missing_field", Outcome.BRONZE, "there is no date", without("date")),
    TextRule(
        "fx_rates",
        "truncated_document",
        Outcome.BRONZE,
        "the second half of the document is missing",
        spoil=cut,
    ),
    TextRule("fx_rates", "duplicate", Outcome.DEDUPLICATED, "the rate again, in a document of its own"),
    TextRule(
        "fx_rates",
        "older_version",
        Outcome.DEDUPLICATED,
        "another rate for the day, published a second earlier",
        lambda row: {**row, "rate": "0.5", "published_at": _second_before(row["published_at"])},
    ),
    TextRule("kafka_events", "null_key", Outcome.BRONZE, "event_id is empty", having(event_id="")),
    TextRule(
        "kafka_events",
        "wrong_column_count",
        Outcome.BRONZE,
        "the last two columns are missing",
        shifted("event_id", "E-"),
        fewer_columns,
    ),
    TextRule(
        "kafka_events",
        "not_utf8",
        Outcome.BRONZE,
        "the message holds bytes that are not UTF-8",
        shifted("event_id", "E-"),
        not_utf8(b"order_p"),
    ),
    TextRule(
        "kafka_events",
        "unparsable_number",
        Outcome.BRONZE,
        "line_count is 'three'",
        then(shifted("event_id", "E-"), having(line_count="three")),
    ),
    TextRule(
        "kafka_events",
        "unparsable_timestamp",
        Outcome.BRONZE,
        f"event_ts is {BAD_DATE}",
        then(shifted("event_id", "E-"), having(event_ts=BAD_DATE)),
    ),
    TextRule("kafka_events", "duplicate", Outcome.DEDUPLICATED, "the same message again"),
)
