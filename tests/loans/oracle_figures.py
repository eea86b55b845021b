"""The key figures of loans, computed by plain Python."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sample_data.loans import loan_book
from tests.loans.oracle import START, Row, half_up, loans, newest


def kpis(day: date, window: int, as_of: date, seed: int = 2017) -> dict[str, Row]:
    """Purpose → key figures of the `window` days that end with `day`.

    The sources are known up to `as_of`.
    """
    rows = loans(as_of, seed)
    ends = datetime.combine(day + timedelta(days=1), time.min)
    begins = ends - timedelta(days=window)
    states = [s for s in loan_book(START, as_of, seed) if s["updated_at"] < ends]
    now, before = (
        newest(states, "loan_id"),
        newest([s for s in states if s["updated_at"] < begins], "loan_id"),
    )
    fell = {s["loan_id"] for s in states if s["updated_at"] >= begins and s["status_code"] == "DEF"}
    collected = {}
    for purpose in ["all", *sorted({r["purpose"] for r in rows})]:
        of = [r for r in rows if purpose in ("all", r["purpose"])]
        of_book = {r["loan_id"] for r in of} & set(now)
        applied = [r for r in of if begins.date() <= r["application_date"] <= day]
        of_purpose = _figures(applied, ends) | _stock(of_book, now, before, fell)
        if of_purpose["applications"] or of_book:
            collected[purpose] = {"kpi_date": day, "purpose": purpose, "window_days": window, **of_purpose}
    return collected


def _figures(applied: list[Row], ends: datetime) -> Row:
    decided = [r for r in applied if r["decided_at"] and r["decided_at"] < ends]
    approved = [r for r in decided if r["status"] == "approved"]
    return {
        "applications": len(applied),
        "decided": len(decided),
        "approved": len(approved),
        "approval_rate": _share(len(approved), len(decided)),
        "average_amount": _mean([r["requested_amount"] for r in applied]),
        "average_duration_months": _mean([Decimal(r["duration_months"]) for r in applied]),
    }


def _stock(loan_ids: set[str], now: dict[str, Row], before: dict[str, Row], fell: set[str]) -> Row:
    open_ = [now[i] for i in loan_ids if now[i]["status_code"] != "CLO"]
    performing = [i for i in loan_ids if i in before and before[i]["status_code"] in ("CUR", "ARR")]
    defaulted = [i for i in performing if i in fell]
    return {
        "loans_on_book": len(open_),
        "exposure": sum((s["outstanding"] for s in open_), Decimal("0.00")),
        "performing_at_start": len(performing),
        "defaulted": len(defaulted),
        "default_rate": _share(len(defaulted), len(performing)),
    }


def _share(part: int, whole: int) -> Decimal | None:
    return half_up(Decimal(part) / whole, "0.0001") if whole else None


def _mean(values: list[Decimal]) -> Decimal | None:
    return half_up(sum(values, Decimal(0)) / len(values), "0.01") if values else None
