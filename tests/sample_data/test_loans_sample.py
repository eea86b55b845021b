"""The loan sources: real applications, and lives of loans that add up to the cent."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from sample_data.loans import (
    CORE_BANKING,
    CRM,
    application_files,
    applications,
    book_files,
    csv_line,
    loan_book,
    messages,
)
from sample_data.loans_credit import CODES, credit_file
from sample_data.summary import Outcome
from tests.sample_data.test_loan_lives import lives

SEED, SHARE = 2017, 0.02
JANUARY, FEBRUARY, BOTH = (
    (date(2017, 1, 1), date(2017, 1, 31)),
    (date(2017, 2, 1), date(2017, 2, 28)),
    (date(2017, 1, 1), date(2017, 2, 28)),
)
YEAR, EVER = (date(2017, 1, 1), date(2017, 12, 31)), (date(2017, 1, 1), date(2030, 12, 31))


@pytest.fixture(scope="module")
def credit() -> list[dict[str, str]]:
    with credit_file().open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_application_of_the_data_is_there_with_its_own_values(credit: list[dict[str, str]]) -> None:
    newest = {row["application_id"]: row for row in applications(*EVER, SEED)}
    assert len(newest) == len(credit) == 1000
    for number, line in enumerate(credit, 1):
        row = newest[f"LA-{number:06}"]
        assert (row["requested_amount"], row["duration_months"], row["age_years"]) == (
            int(line["credit_amount"]),
            int(line["duration_in_month"]),
            int(line["age_in_years"]),
        )
        for column, (code_column, codes) in CODES.items():
            assert row[code_column] == codes[line[column]]
        assert row["is_foreign_worker"] == (line["foreign_worker"] == "yes")
        assert row["has_telephone"] == (line["telephone"] != "none")


def test_each_code_stands_for_one_text() -> None:
    for _, codes in CODES.values():
        assert len(set(codes.values())) == len(codes)


def test_applications_come_on_every_week_of_the_year_and_are_decided_within_three_days() -> None:
    rows = applications(*EVER, SEED)
    received = [r for r in rows if r["status"] == "received"]
    assert {r["application_date"].isocalendar().week for r in received} == set(range(1, 53))
    assert {r["application_date"].year for r in received} == {2017}
    requested_at = {r["application_id"]: r["updated_at"] for r in received}
    for row in rows:
        if row["status"] != "received":
            assert (
                timedelta(hours=1)
                <= row["decided_at"] - requested_at[row["application_id"]]
                <= timedelta(days=3)
            )
            assert row["updated_at"] == row["decided_at"]


def test_bad_risks_are_refused_more_often_than_good_ones(credit: list[dict[str, str]]) -> None:
    outcome = Counter(
        (credit[int(r["application_id"][3:]) - 1]["creditability"], r["status"])
        for r in applications(*EVER, SEED)
    )
    refused = {
        risk: outcome[risk, "rejected"] / (outcome[risk, "rejected"] + outcome[risk, "approved"])
        for risk in ("good", "bad")
    }
    assert refused == pytest.approx({"good": 0.1, "bad": 0.4}, abs=0.04)


def test_only_approved_applications_become_loans_and_after_their_approval() -> None:
    approved = {
        r["application_id"]: r["decided_at"] for r in applications(*EVER, SEED) if r["status"] == "approved"
    }
    first: dict[str, dict[str, Any]] = {}
    for row in loan_book(*EVER, SEED):
        first.setdefault(row["application_id"], row)
    assert first.keys() == approved.keys()
    assert all(
        timedelta(days=1) <= row["updated_at"] - approved[id_] < timedelta(days=3)
        for id_, row in first.items()
    )


def test_bad_risks_alone_default(credit: list[dict[str, str]]) -> None:
    ends = {loan_id: events[-1]["event_type"] for loan_id, events in lives().items()}
    risk = {loan_id: credit[int(loan_id[3:]) - 1]["creditability"] for loan_id in ends}
    assert {(risk[i], e) for i, e in ends.items()} == {("good", "repayment"), ("bad", "defaulted")}


@pytest.mark.parametrize("files", [application_files, book_files])
def test_ranges_add_up_and_do_not_depend_on_one_another(files: Any) -> None:
    (one, rows_one, _), (two, rows_two, _), (both, rows, _) = (
        files(*r, 0.0, SEED) for r in (JANUARY, FEBRUARY, BOTH)
    )
    assert {**one, **two} == both
    assert rows_one + rows_two == rows


def test_messages_of_ranges_add_up_too() -> None:
    assert (
        messages(*JANUARY, 0.0, SEED)[0] + messages(*FEBRUARY, 0.0, SEED)[0] == messages(*BOTH, 0.0, SEED)[0]
    )


def test_another_seed_is_another_bank() -> None:
    assert applications(*JANUARY, SEED) != applications(*JANUARY, SEED + 1)
    assert loan_book(*YEAR, SEED) != loan_book(*YEAR, SEED + 1)


@pytest.mark.parametrize(("files", "names"), [(application_files, CRM), (book_files, CORE_BANKING)])
def test_dirt_only_adds_lines_and_counts_them(files: Any, names: dict[str, str]) -> None:
    (clean, rows, none), (dirty, same, counts) = files(*JANUARY, 0.0, SEED), files(*JANUARY, SHARE, SEED)
    assert none == []
    assert rows == same
    assert dirty.keys() == clean.keys()
    assert all(dirty[key].startswith(clean[key]) for key in clean)
    lines = {
        name: sum(body.count(b"\n") for body in of.values())
        for name, of in (("clean", clean), ("dirty", dirty))
    }
    assert lines["dirty"] - lines["clean"] == sum(c.rows for c in counts)
    assert all(c.rows >= SHARE * rows for c in counts)
    if names is CORE_BANKING:
        assert {body.splitlines()[0] for body in clean.values()} == {csv_line(list(names.values()))}
    else:
        assert {tuple(json.loads(line)) for body in clean.values() for line in body.splitlines()} == {
            tuple(names.values())
        }


def test_poison_comes_after_the_clean_messages() -> None:
    clean, dirty = messages(*JANUARY, 0.0, SEED)[0], messages(*JANUARY, SHARE, SEED)[0]
    assert dirty[: len(clean)] == clean
    assert all(json.loads(m.value)["loan_id"].encode() == m.key for m in clean)


def test_what_is_to_be_deduplicated_has_a_clean_key_and_nothing_else_has() -> None:
    clean = {r["application_id"] for r in applications(*JANUARY, SEED)}
    keys: Counter[bool] = Counter()
    dirty, _, counts = application_files(*JANUARY, SHARE, SEED)
    was = application_files(*JANUARY, 0.0, SEED)[0]
    for key, body in dirty.items():
        for line in body.removeprefix(was[key]).splitlines():
            keys[any(f'"{id_}"'.encode() in line for id_ in clean)] += 1
    assert keys[True] == sum(c.rows for c in counts if c.outcome == Outcome.DEDUPLICATED)
