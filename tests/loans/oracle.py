"""Computes silver and gold a second time, from the credit data and the rows that the sources were given.

It uses polars and plain Python, and no line of the engine or of its SQL.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sample_data.loans import applications, loan_book
from sample_data.loans_credit import credit_file

Row = dict[str, Any]
START = date(2017, 1, 1)
# What silver calls the texts of the data.
WORDS = {
    "purpose": (
        "purpose",
        {"furniture/equipment": "furniture", "radio/television": "radio and television", "others": "other"},
    ),
    "checking_account": (
        "status_of_existing_checking_account",
        {
            "... < 0 DM": "below 0",
            "0 <= ... < 200 DM": "0 to 200",
            "no checking account": "none",
            "... >= 200 DM / salary assignments for at least 1 year": "200 and more",
        },
    ),
    "credit_history": (
        "credit_history",
        {
            "existing credits paid back duly till now": "repaid so far",
            "delay in paying off in the past": "delays",
            "critical account/ other credits existing (not at this bank)": "critical",
            "all credits at this bank paid back duly": "all repaid here",
            "no credits taken/ all credits paid back duly": "none taken",
        },
    ),
    "savings": (
        "savings_account_and_bonds",
        {
            "... < 100 DM": "below 100",
            "100 <= ... < 500 DM": "100 to 500",
            "500 <= ... < 1000 DM": "500 to 1000",
            "... >= 1000 DM": "1000 and more",
            "unknown/ no savings account": "none known",
        },
    ),
    "employment": (
        "present_employment_since",
        {
            "... < 1 year": "below 1 year",
            "1 <= ... < 4 years": "1 to 4 years",
            "4 <= ... < 7 years": "4 to 7 years",
            "... >= 7 years": "7 years and more",
        },
    ),
    "housing": ("housing", {"own": "owned", "rent": "rented", "for free": "free"}),
    "job": (
        "job",
        {
            "unemployed/ unskilled - non-resident": "unskilled, non-resident or unemployed",
            "unskilled - resident": "unskilled",
            "skilled employee / official": "skilled",
            "management/ self-employed/ highly qualified employee/ officer": "management or self-employed",
        },
    ),
}
STATUS = {"CUR": "current", "ARR": "arrears", "DEF": "default", "CLO": "closed"}


def raw_data() -> dict[str, dict[str, str]]:
    """The lines of the installed CSV by application id."""
    with credit_file().open(newline="") as lines:
        return {f"LA-{number:06}": row for number, row in enumerate(csv.DictReader(lines), 1)}


def newest(rows: Iterable[Row], key: str) -> dict[str, Row]:
    collected: dict[str, Row] = {}
    for row in rows:
        if row[key] not in collected or row["updated_at"] > collected[row[key]]["updated_at"]:
            collected[row[key]] = row
    return collected


def loans(end: date, seed: int = 2017) -> list[Row]:
    """One row per application: columns of silver.loans but the run's."""
    data = raw_data()
    book = newest(loan_book(START, end, seed), "application_id")
    return [
        _loan(data[id_], a, book.get(id_))
        for id_, a in sorted(newest(applications(START, end, seed), "application_id").items())
    ]


def _loan(line: dict[str, str], a: Row, loan: Row | None) -> Row:
    words = {name: codes.get(line[column], line[column]) for name, (column, codes) in WORDS.items()}
    amount, months, age = (
        Decimal(line["credit_amount"]),
        int(line["duration_in_month"]),
        int(line["age_in_years"]),
    )
    row = {
        "application_id": a["application_id"],
        "customer_id": a["application_id"].replace("LA", "CU"),
        "application_date": a["application_date"],
        "status": a["status"],
        "decided_at": a["decided_at"],
        "requested_amount": amount.quantize(Decimal("0.01")),
        "duration_months": months,
        "amount_per_month": half_up(amount / months, "0.01"),
        **words,
        "age_band": _band(age),
        "existing_credits": int(line["number_of_existing_credits_at_this_bank"]),
    }
    columns = {name: loan[name] if loan else None for name in LOAN}
    share = half_up(1 - loan["outstanding"] / loan["principal"], "0.0001") if loan else None
    status = STATUS[loan["status_code"]] if loan else None
    changed = max(a["updated_at"], loan["updated_at"]) if loan else a["updated_at"]
    return {**row, **columns, "repaid_share": share, "loan_status": status, "updated_at": changed}


LOAN = (
    "loan_id",
    "principal",
    "annual_rate_percent",
    "term_months",
    "instalment",
    "disbursed_on",
    "outstanding",
    "days_past_due",
)


def _band(age: int) -> str:
    return "18-29" if age < 30 else "70+" if age >= 70 else f"{age // 10}0-{age // 10}9"


def half_up(value: Decimal, to: str) -> Decimal:
    return value.quantize(Decimal(to), ROUND_HALF_UP)
