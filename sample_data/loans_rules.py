"""The dirt of the loan sources, under the bronze tables' column names."""

from __future__ import annotations

from sample_data.rules import TextRule
from sample_data.summary import Outcome
from sample_data.text_rules import (
    BAD_DATE,
    cut,
    fewer_columns,
    having,
    not_utf8,
    older,
    shifted,
    then,
    without,
)

APPLICATIONS, BOOK, EVENTS = "loan_applications", "loan_book", "loan_events"
_LA, _LN, _LE = shifted("application_id", "LA-"), shifted("loan_id", "LN-"), shifted("event_id", "LE-")
_B, _D = Outcome.BRONZE, Outcome.DEDUPLICATED

LOAN_RULES = (
    TextRule(APPLICATIONS, "null_key", _B, "ApplicationId is null", having(application_id=None)),
    TextRule(APPLICATIONS, "missing_field", _B, "there is no CustomerNo", then(_LA, without("customer_id"))),
    TextRule(
        APPLICATIONS,
        "broken_amount",
        _B,
        "RequestedAmount is '12.3.4'",
        then(_LA, having(requested_amount="12.3.4")),
    ),
    TextRule(
        APPLICATIONS, "negative_amount", _B, "RequestedAmount is -1", then(_LA, having(requested_amount=-1))
    ),
    TextRule(
        APPLICATIONS,
        "unknown_purpose",
        _B,
        "PurposeCode is A47, which the code book leaves out",
        then(_LA, having(purpose_code="A47")),
    ),
    TextRule(
        APPLICATIONS,
        "unparsable_date",
        _B,
        f"ApplicationDate is {BAD_DATE}",
        then(_LA, having(application_date=BAD_DATE)),
    ),
    TextRule(APPLICATIONS, "truncated_line", _B, "the second half of the line is missing", _LA, cut),
    TextRule(
        APPLICATIONS, "not_utf8", _B, "the line holds bytes that are not UTF-8", _LA, not_utf8(b'"Status":"')
    ),
    TextRule(APPLICATIONS, "duplicate", _D, "the same line again"),
    TextRule(
        APPLICATIONS,
        "older_version",
        _D,
        "the same application a second earlier for 250 EUR",
        older(requested_amount=250),
    ),
    TextRule(BOOK, "null_key", _B, "LoanNo is empty", having(loan_id=None)),
    TextRule(BOOK, "wrong_column_count", _B, "the last two columns are missing", _LN, fewer_columns),
    TextRule(BOOK, "unparsable_number", _B, "Outstanding is 'n/a'", then(_LN, having(outstanding="n/a"))),
    TextRule(BOOK, "negative_amount", _B, "Principal is -1", then(_LN, having(principal=-1))),
    TextRule(BOOK, "unknown_status", _B, "StatusCode is XXX", then(_LN, having(status_code="XXX"))),
    TextRule(
        BOOK, "unparsable_date", _B, f"LastChangedAt is {BAD_DATE}", then(_LN, having(updated_at=BAD_DATE))
    ),
    TextRule(BOOK, "not_utf8", _B, "the line holds bytes that are not UTF-8", _LN, not_utf8(b"LN-")),
    TextRule(
        BOOK, "unknown_application", Outcome.SILVER, "ApplicationRef is of no application", then(_LN, _LA)
    ),
    TextRule(BOOK, "duplicate", _D, "the same line again"),
    TextRule(
        BOOK,
        "older_version",
        _D,
        "the same loan a second earlier with 1 EUR outstanding",
        older(outstanding="1.00"),
    ),
    TextRule(EVENTS, "null_key", _B, "event_id is null", having(event_id=None)),
    TextRule(EVENTS, "missing_field", _B, "there is no loan_id", then(_LE, without("loan_id"))),
    TextRule(EVENTS, "unparsable_number", _B, "amount is 'ten'", then(_LE, having(amount="ten"))),
    TextRule(
        EVENTS, "unknown_type", _B, "event_type is 'teleport'", then(_LE, having(event_type="teleport"))
    ),
    TextRule(
        EVENTS, "unparsable_timestamp", _B, f"event_ts is {BAD_DATE}", then(_LE, having(event_ts=BAD_DATE))
    ),
    TextRule(
        EVENTS,
        "wrong_sum",
        _B,
        "a repayment of 99999.99",
        then(_LE, having(event_type="repayment", amount="99999.99")),
    ),
    TextRule(EVENTS, "truncated", _B, "the second half of the message is missing", _LE, cut),
    TextRule(EVENTS, "no_json", _B, "the message is the text 'ping'", spoil=lambda _: b"ping"),
    TextRule(
        EVENTS, "not_utf8", _B, "the message holds bytes that are not UTF-8", _LE, not_utf8(b'"event_type":"')
    ),
    TextRule(EVENTS, "duplicate", _D, "the same message again"),
)
