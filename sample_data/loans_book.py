"""What becomes of each application, by a seeded rule: the decision, the loan, its instalments.

The rule in words: docs/sample-data.md.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import polars as pl

from sample_data.dataset import FIRST_DAY, drawn
from sample_data.loans_credit import applicants

CENT, NOTHING = Decimal("0.01"), Decimal("0.00")
# Per cent a year: a base, a step for each rank of the checking account, and one for long terms.
BASE, STEP, LONG_MONTHS = Decimal("4.90"), Decimal("1.00"), 24
RANKS = {"A14": 0, "A13": 1, "A12": 2, "A11": 3}
# A loan is in arrears from the first day on, and in default when more than 90 have passed: article 178 of the
# CRR.
PAST_DUE, DEFAULT_DAYS = (1, 30, 60, 91), 91
# The one instalment that some good payers are late with, and by how many days.
LATE_INSTALMENT, LATE_DAYS = 2, 10
Row = dict[str, Any]


@dataclass(frozen=True)
class State:
    """A loan as core banking has it after one change; amounts in EUR."""

    outstanding: Decimal
    paid: int
    days_past_due: int
    status: str
    at: datetime


@cache
def decided(seed: int) -> pl.DataFrame:
    """Each application with what is drawn for it: `received_at`, `decided_at`, `approved`, `disbursed_at`,
    `unpaid_from`, `late`.
    """
    number = pl.col("number")

    def die(purpose: str, sides: int) -> pl.Expr:
        return drawn(number, seed, f"loans/{purpose}", sides)

    refused_of_ten = pl.when("good").then(1).otherwise(4)
    received = pl.lit(FIRST_DAY).cast(pl.Datetime("us")) + pl.duration(
        days=die("day", 365), seconds=28_800 + die("second", 43_200)
    )
    return (
        applicants()
        .with_columns(received_at=received, approved=die("decision", 10) >= refused_of_ten)
        .with_columns(decided_at=pl.col("received_at") + pl.duration(hours=1 + die("thinking", 71)))
        .with_columns(disbursed_at=pl.col("decided_at") + pl.duration(hours=24 + die("disbursal", 48)))
        .with_columns(
            unpaid_from=pl.when(~pl.col("good")).then(die("paid", 4) + 1),
            late=pl.col("good") & (die("late", 10) == 0),
        )
    )


def annual_rate(checking_code: str, months: int) -> Decimal:
    """Per cent a year."""
    return BASE + STEP * (RANKS[checking_code] + (months > LONG_MONTHS))


def annuity(principal: Decimal, percent: Decimal, months: int) -> Decimal:
    """The level instalment, to the cent, half up: P·r / (1 − (1+r)^−n) with r a month."""
    monthly = percent / 1200
    return (principal * monthly / (1 - (1 + monthly) ** -months)).quantize(CENT, ROUND_HALF_UP)


def months_after(day: datetime, months: int) -> datetime:
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


@cache
def lives(seed: int) -> tuple[list[Row], list[Row]]:
    """(every row of the loan book, every event of a loan), each loan from its disbursal to its last
    instalment or its default.
    """
    book: list[Row] = []
    events: list[Row] = []
    for row in decided(seed).filter("approved").iter_rows(named=True):
        changes, happened = _life(row)
        book += changes
        events += happened
    return book, events


def _life(row: Row) -> tuple[list[Row], list[Row]]:
    principal, months = Decimal(row["requested_amount"]).quantize(CENT), row["duration_months"]
    rate = annual_rate(row["checking_code"], months)
    instalment = annuity(principal, rate, months)
    fixed = {
        "loan_id": f"LN-{row['number']:06}",
        "application_id": f"LA-{row['number']:06}",
        "application_date": row["received_at"].date(),
        "customer_id": f"CU-{row['number']:06}",
        "principal": principal,
        "annual_rate_percent": rate,
        "term_months": months,
        "disbursed_on": row["disbursed_at"].date(),
        "instalment": instalment,
    }
    book: list[Row] = []
    events: list[Row] = []
    for state, event in _course(row, principal, rate, instalment, months):
        columns = {
            "outstanding": state.outstanding,
            "paid_instalments": state.paid,
            "days_past_due": state.days_past_due,
        }
        book.append({**fixed, **columns, "status_code": state.status, "updated_at": state.at})
        if event:
            events.append(
                {"event_id": f"LE-{row['number']:06}-{len(events):03}", "loan_id": fixed["loan_id"], **event}
            )
    return book, events


Step = tuple[State, Row | None]


def _course(row: Row, principal: Decimal, rate: Decimal, instalment: Decimal, months: int) -> Iterator[Step]:
    """The changes of one loan in the order of their time, each with the event that tells of it."""
    state = State(principal, 0, 0, "CUR", row["disbursed_at"])
    yield state, _event("disbursed", 0, principal, NOTHING, NOTHING, state)
    # Payments are booked at nine, what is not paid is noticed at six the next morning; each loan has its own
    # second.
    nine = row["disbursed_at"].replace(hour=9, minute=0, second=0) + timedelta(seconds=row["number"])
    for number in range(1, months + 1):
        due = months_after(nine, number)
        if row["unpaid_from"] and number >= row["unpaid_from"]:
            yield from _unpaid(state, due, number, instalment)
            return
        if row["late"] and number == LATE_INSTALMENT:
            state = replace(state, days_past_due=1, status="ARR", at=due + timedelta(hours=21))
            yield state, _event("missed", number, instalment, NOTHING, NOTHING, state)
            due += timedelta(days=LATE_DAYS)
        interest = (state.outstanding * rate / 1200).quantize(CENT, ROUND_HALF_UP)
        # The last instalment evens out what the cents of the others have left.
        paid = state.outstanding if number == months else instalment - interest
        state = State(state.outstanding - paid, number, 0, "CLO" if number == months else "CUR", due)
        yield state, _event("repayment", number, paid + interest, paid, interest, state)


def _unpaid(state: State, due: datetime, number: int, instalment: Decimal) -> Iterator[Step]:
    """From the first instalment that is not paid to the default."""
    first_morning = due.replace(hour=6) + timedelta(days=1)
    for days in PAST_DUE:
        status = "DEF" if days >= DEFAULT_DAYS else "ARR"
        at = replace(state, days_past_due=days, status=status, at=first_morning + timedelta(days=days - 1))
        event = "defaulted" if status == "DEF" else "missed" if days == 1 else ""
        yield at, _event(event, number, instalment, NOTHING, NOTHING, at) if event else None


def _event(
    kind: str, number: int, amount: Decimal, principal: Decimal, interest: Decimal, state: State
) -> Row:
    return {
        "event_type": kind,
        "instalment_no": number,
        "amount": amount,
        "principal_part": principal,
        "interest_part": interest,
        "outstanding": state.outstanding,
        "event_ts": state.at,
    }


def between(rows: list[Row], column: str, start: date, end: date) -> list[Row]:
    """The rows of the days [start, end], in the order of their time."""
    return sorted((r for r in rows if start <= r[column].date() <= end), key=lambda r: r[column])
