"""The findings about numbers of rows: none, too few, too many, and too many in the error lane."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lambdas.common.job_catalog import Job
from lambdas.sla_checker.baseline import bounds, zero_is_usual
from lambdas.sla_checker.findings import Finding
from lambdas.sla_checker.state import State

# Fewer rejected rows than this are found by whoever looks, not by a message.
FEWEST_REJECTED = 10


def unusual_counts(state: State, deviations: float) -> Iterator[Finding]:
    """Of each job that writes tables, the newest logical date against those before it."""
    for job in state.watched.jobs.values():
        days = state.succeeded_dates(job.name)
        if not job.writes or not days or (state.now.date() - days[0]).days > 2:
            # What is older was told when it was new.
            continue
        empty = _empty(state, job, days)
        yield from empty
        if not empty:
            yield from _far(state, job, days, deviations)
        yield from _rejected(state, job, days, deviations)


def _empty(state: State, job: Job, days: list[date]) -> list[Finding]:
    written = [sum(counts.written for counts in state.totals(job.name, day).values()) for day in days]
    if written[0] or zero_is_usual(written[1:]):
        return []
    return [Finding("zero_records", job.name, job, f"succeeded for {days[0]} and wrote no row")]


def _far(state: State, job: Job, days: list[date], deviations: float) -> Iterator[Finding]:
    """Days without a row are no measure of the others. The tables of a job are one message."""
    told = []
    for table, counts in state.totals(job.name, days[0]).items():
        before = [
            c.written for day in days[1:] if (c := state.totals(job.name, day).get(table)) and c.written
        ]
        usual = bounds(before, deviations)
        if counts.written and usual and not usual[0] <= counts.written <= usual[1]:
            told.append(
                f"{table} {counts.written:,} rows, usual are {max(0, usual[0]):,.0f} to {usual[1]:,.0f}"
            )
    if told:
        yield Finding("record_count", job.name, job, f"wrote for {days[0]}: {'; '.join(told)}")


def _rejected(state: State, job: Job, days: list[date], deviations: float) -> Iterator[Finding]:
    told = []
    for table, counts in state.totals(job.name, days[0]).items():
        before = [c.quarantined for day in days[1:] if (c := state.totals(job.name, day).get(table))]
        usual = bounds(before, deviations)
        # Without a history, any number that is worth a message is.
        most = usual[1] if usual else 0.0
        if counts.quarantined >= FEWEST_REJECTED and counts.quarantined > most:
            told.append(
                f"{table} {counts.quarantined:,} of {counts.rows_in:,} rows, usual are at most {most:,.0f}"
            )
    if told:
        yield Finding("error_lane", job.name, job, f"rejected for {days[0]}: {'; '.join(told)}")
