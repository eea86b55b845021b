"""Fills the loan systems: the CRM's applications and core banking's book in the landing zone, the loans'
events in Kafka.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from lakehouse.environments import Environment
from sample_data import topic
from sample_data.dataset import iso
from sample_data.dirt import dirty_lines
from sample_data.landing import Files, Landing, json_line
from sample_data.loans_book import between, decided, lives
from sample_data.loans_rules import APPLICATIONS, BOOK, EVENTS, LOAN_RULES
from sample_data.rules import Row
from sample_data.summary import DirtCount
from sample_data.topic import Message

TOPIC = "loan_events"
APPLICATIONS_PREFIX, BOOK_PREFIX = "crm/loan_applications/", "core_banking/loan_book/"
# Our column → the CRM's field, and core banking's heading.
CRM = {
    "application_id": "ApplicationId",
    "customer_id": "CustomerNo",
    "application_date": "ApplicationDate",
    "requested_amount": "RequestedAmount",
    "duration_months": "DurationMonths",
    "purpose_code": "PurposeCode",
    "checking_code": "CheckingAccount",
    "credit_history_code": "CreditHistory",
    "savings_code": "Savings",
    "employment_code": "EmployedSince",
    "instalment_rate_band": "InstalmentRateBand",
    "personal_status_code": "PersonalStatus",
    "other_debtors_code": "OtherDebtors",
    "residence_band": "ResidenceBand",
    "property_code": "Property",
    "age_years": "Age",
    "other_plans_code": "OtherPlans",
    "housing_code": "Housing",
    "existing_credits": "ExistingCredits",
    "job_code": "Job",
    "dependents": "Dependents",
    "has_telephone": "HasTelephone",
    "is_foreign_worker": "ForeignWorker",
    "status": "Status",
    "decided_at": "DecidedAt",
    "updated_at": "LastModified",
}
CORE_BANKING = {
    "loan_id": "LoanNo",
    "application_id": "ApplicationRef",
    "application_date": "ApplicationDate",
    "customer_id": "CustomerNo",
    "principal": "Principal",
    "annual_rate_percent": "AnnualRatePct",
    "term_months": "TermMonths",
    "disbursed_on": "DisbursedOn",
    "instalment": "Instalment",
    "outstanding": "Outstanding",
    "paid_instalments": "PaidInstalments",
    "days_past_due": "DaysPastDue",
    "status_code": "StatusCode",
    "updated_at": "LastChangedAt",
}


def applications(start: date, end: date, seed: int) -> list[Row]:
    """What became of applications in the days [start, end]: `received`, then `approved` or `rejected`, each
    with all that is known by then.
    """
    decided_rows = decided(seed).with_columns(
        pl.format("LA-{}", pl.col("number").cast(pl.String).str.zfill(6)).alias("application_id"),
        pl.format("CU-{}", pl.col("number").cast(pl.String).str.zfill(6)).alias("customer_id"),
        pl.col("received_at").dt.date().alias("application_date"),
    )
    received = decided_rows.with_columns(
        status=pl.lit("received"), updated_at="received_at", decided_at=pl.lit(None, pl.Datetime("us"))
    )
    outcome = pl.when("approved").then(pl.lit("approved")).otherwise(pl.lit("rejected"))
    versions = pl.concat(
        [received, decided_rows.with_columns(status=outcome, updated_at="decided_at")]
    ).select(*CRM)
    return between(versions.to_dicts(), "updated_at", start, end)


def loan_book(start: date, end: date, seed: int) -> list[Row]:
    """A row for each change of a loan in the days [start, end]."""
    return between(lives(seed)[0], "updated_at", start, end)


def loan_events(start: date, end: date, seed: int) -> list[Row]:
    return between(lives(seed)[1], "event_ts", start, end)


def application_files(start: date, end: date, dirt: float, seed: int) -> tuple[Files, int, list[DirtCount]]:
    """JSON lines by S3 key, a file a day; the number of clean lines; the dirt after them."""
    rows = applications(start, end, seed)
    lines, counts = _lines(APPLICATIONS, rows, lambda row: json_line(_named(row, CRM)), dirt, seed)
    return _files(APPLICATIONS_PREFIX, "applications.jsonl", lines), len(rows), counts


def book_files(start: date, end: date, dirt: float, seed: int) -> tuple[Files, int, list[DirtCount]]:
    """The same of the loan book, as CSV with a heading."""
    rows = loan_book(start, end, seed)
    lines, counts = _lines(
        BOOK, rows, lambda row: csv_line(list(_named(row, CORE_BANKING).values())), dirt, seed
    )
    return (
        _files(BOOK_PREFIX, "loan_book.csv", lines, csv_line(list(CORE_BANKING.values())) + b"\n"),
        len(rows),
        counts,
    )


def messages(start: date, end: date, dirt: float, seed: int) -> tuple[list[Message], list[DirtCount]]:
    """The clean messages in the order of their time, then the dirt; key = loan_id."""
    rows = loan_events(start, end, seed)
    placed = [((str(row["loan_id"]).encode(), topic.millis(row["event_ts"])), _plain(row)) for row in rows]
    bad, counts = dirty_lines(EVENTS, placed, json_line, dirt, seed, LOAN_RULES)
    return [
        Message(key, value, at) for (key, at), value in [*((p, json_line(row)) for p, row in placed), *bad]
    ], counts


def csv_line(cells: Sequence[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue().encode()


Lines = list[tuple[date, bytes]]


def _lines(
    source: str, rows: list[Row], render: Callable[[Row], bytes], dirt: float, seed: int
) -> tuple[Lines, list[DirtCount]]:
    """Each line with the day of its file."""
    placed = [(row["updated_at"].date(), _plain(row)) for row in rows]
    bad, counts = dirty_lines(source, placed, render, dirt, seed, LOAN_RULES)
    return [*((day, render(row)) for day, row in placed), *bad], counts


def _files(prefix: str, name: str, lines: Lines, heading: bytes = b"") -> Files:
    by_day: dict[date, list[bytes]] = defaultdict(list)
    for day, line in lines:
        by_day[day].append(line)
    return {
        f"{prefix}dt={day}/{name}": heading + b"".join(line + b"\n" for line in of)
        for day, of in by_day.items()
    }


def _named(row: Row, names: dict[str, str]) -> Row:
    """Under the source's names; a field that dirt has taken out is not there."""
    return {names[name]: value for name, value in row.items()}


def _plain(row: Row) -> Row:
    """Dates and times as text, amounts too: a JSON number would be read as a double."""
    return {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return str(value) if isinstance(value, date | Decimal) else value


def load(
    env: Environment, start: date, end: date, dirt: float, seed: int
) -> tuple[dict[str, int], list[DirtCount]]:
    landing = Landing(env)
    rows: dict[str, int] = {}
    added: list[DirtCount] = []
    for source, prefix, files_of in (
        (APPLICATIONS, APPLICATIONS_PREFIX, application_files),
        (BOOK, BOOK_PREFIX, book_files),
    ):
        files, rows[source], counts = files_of(start, end, dirt, seed)
        landing.put(prefix, files, start, end)
        added += counts
    events, counts = messages(start, end, dirt, seed)
    topic.send(env, events, start, end, TOPIC)
    return {**rows, EVENTS: len(events) - sum(c.rows for c in counts)}, [*added, *counts]


LOADERS = (load,)
