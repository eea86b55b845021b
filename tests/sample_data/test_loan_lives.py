"""Each loan is repaid by level instalments, or defaults."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sample_data.loans import (
    loan_book,
    loan_events,
)

SEED, EVER = 2017, (date(2017, 1, 1), date(2030, 12, 31))


def lives() -> dict[str, list[dict[str, Any]]]:
    by_loan = defaultdict(list)
    for event in loan_events(*EVER, SEED):
        by_loan[event["loan_id"]].append(event)
    return by_loan


def test_every_loan_is_repaid_to_the_cent_or_defaults_when_more_than_ninety_days_have_passed() -> None:
    granted = {r["loan_id"]: r for r in loan_book(*EVER, SEED)}
    for loan_id, events in lives().items():
        loan = granted[loan_id]
        repaid = sum((e["principal_part"] for e in events), Decimal(0))
        assert loan["principal"] - repaid == events[-1]["outstanding"] == loan["outstanding"]
        if events[-1]["event_type"] == "defaulted":
            missed = next(e for e in events if e["event_type"] == "missed")
            assert (events[-1]["event_ts"] - missed["event_ts"]).days == 90, (
                "missed is said on the first day past due"
            )
            assert (loan["status_code"], loan["days_past_due"]) == ("DEF", 91)
        else:
            assert (loan["status_code"], loan["outstanding"], loan["paid_instalments"]) == (
                "CLO",
                0,
                loan["term_months"],
            )


def test_every_instalment_is_level_and_its_interest_that_of_what_was_outstanding() -> None:
    granted = {r["loan_id"]: r for r in loan_book(*EVER, SEED)}
    for loan_id, events in lives().items():
        loan, before = granted[loan_id], granted[loan_id]["principal"]
        payments = [e for e in events if e["event_type"] == "repayment"]
        for payment in payments:
            assert abs(payment["interest_part"] - before * loan["annual_rate_percent"] / 1200) <= Decimal(
                "0.005"
            )
            assert payment["amount"] == payment["principal_part"] + payment["interest_part"]
            before = payment["outstanding"]
        assert all(
            p["amount"] == loan["instalment"] for p in payments if p["instalment_no"] < loan["term_months"]
        )
        # Half a cent of each instalment may be left for the last one.
        assert all(
            abs(p["amount"] - loan["instalment"]) <= Decimal("0.02") * loan["term_months"] for p in payments
        )


def test_states_of_a_loan_follow_one_another() -> None:
    of: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in loan_book(*EVER, SEED):
        of[row["loan_id"]].append(row)
    for rows in of.values():
        assert all(
            a["updated_at"] < b["updated_at"] and a["outstanding"] >= b["outstanding"]
            for a, b in pairwise(rows)
        )
    assert any(
        "ARR" in {r["status_code"] for r in rows} and rows[-1]["status_code"] == "CLO" for rows in of.values()
    ), "some are late and pay"
