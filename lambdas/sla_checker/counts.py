"""Findings about row counts: no rows, unusually few or many, and too many in quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lambdas.common.job_catalog import Job
from lambdas.sla_checker.baseline import bounds, zero_is_usual
from lambdas.sla_checker.findings import Finding
from lambdas.sla_checker.state import State

# Fewer quarantined rows than this cause no message.
MIN_QUARANTINED = 10
# An older day was checked when it was new.
MAX_AGE_DAYS = 2


def unusual_counts(state: State, deviations: float) -> Iterator[Finding]:
    """Compares each job's newest logical date with the dates before it."""
    for job in state.catalog.jobs.values():
        days = state.succeeded_dates(job.name)
        if not job.writes or not days or (state.now.date() - days[0]).days > MAX_AGE_DAYS:
            continue
        empty = _zero_records(state, job, days)
        yield from empty
        if not empty:
            yield from _record_counts(state, job, days, deviations)
        yield from _quarantined(state, job, days, deviations)


def _zero_records(state: State, job: Job, days: list[date]) -> list[Finding]:
    written = [sum(counts.written for counts in state.totals(job.name, day).values()) for day in days]
    if written[0] or zero_is_usual(written[1:]):
        return []
    return [Finding("zero_records", job.name, job, f"succeeded for {days[0]} and wrote no row")]


def _record_counts(state: State, job: Job, days: list[date], deviations: float) -> Iterator[Finding]:
    """One finding for all tables of a job. Days without rows do not count as history."""
    unusual = []
    for table, counts in state.totals(job.name, days[0]).items():
        history = [
            c.written for day in days[1:] if (c := state.totals(job.name, day).get(table)) and c.written
        ]
        usual = bounds(history, deviations)
        if counts.written and usual and not usual[0] <= counts.written <= usual[1]:
            least, greatest = max(0, usual[0]), usual[1]
            unusual.append(f"{table} {counts.written:,} rows, usual are {least:,.0f} to {greatest:,.0f}")
    if unusual:
        yield Finding("record_count", job.name, job, f"wrote for {days[0]}: {'; '.join(unusual)}")


def _quarantined(state: State, job: Job, days: list[date], deviations: float) -> Iterator[Finding]:
    """One finding for all tables of a job. Without a history MIN_QUARANTINED rows are unusual.

    A file that cannot be read is always a finding.
    """
    unusual = []
    for table, counts in state.totals(job.name, days[0]).items():
        history = [c.quarantined for day in days[1:] if (c := state.totals(job.name, day).get(table))]
        usual = bounds(history, deviations)
        greatest = usual[1] if usual else 0.0
        if counts.quarantined >= MIN_QUARANTINED and counts.quarantined > greatest:
            share = f"{counts.quarantined:,} of {counts.rows_in:,} rows"
            unusual.append(f"{table} {share}, usual are at most {greatest:,.0f}")
        if counts.quarantined_files:
            unusual.append(f"{table} {counts.quarantined_files:,} landing files that cannot be read")
    if unusual:
        yield Finding("error_lane", job.name, job, f"rejected for {days[0]}: {'; '.join(unusual)}")
