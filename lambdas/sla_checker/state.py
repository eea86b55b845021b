"""The state that the checks read: the job catalog and the runs of the audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from lambdas.common.audit import Counts, Run
from lambdas.common.job_catalog import JobCatalog


@dataclass(frozen=True)
class State:
    """The state at `now`. `running`: the continuous jobs that run, according to Glue."""

    now: datetime
    catalog: JobCatalog
    runs: Sequence[Run]
    running: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def _by_job(self) -> dict[str, list[Run]]:
        by_job: defaultdict[str, list[Run]] = defaultdict(list)
        for run in self.runs:
            by_job[run.job].append(run)
        return by_job

    def of(self, job: str, run_date: date | None = None) -> list[Run]:
        """The job's runs, of one logical date or of all."""
        return [run for run in self._by_job.get(job, []) if run_date in (None, run.run_date)]

    def succeeded_dates(self, job: str) -> list[date]:
        """The logical dates for which the job has succeeded, the newest first."""
        return sorted({run.run_date for run in self.of(job) if run.succeeded}, reverse=True)

    def totals(self, job: str, run_date: date) -> dict[str, Counts]:
        """Rows per table, summed over the successful runs of a logical date.

        They are summed because a second run of a date finds only what the first has left.
        """
        totals: dict[str, Counts] = {}
        for run in self.of(job, run_date):
            for table, counts in run.tables.items() if run.succeeded else ():
                before = totals.get(table, Counts())
                totals[table] = Counts(
                    before.rows_in + counts.rows_in,
                    before.written + counts.written,
                    before.quarantined + counts.quarantined,
                    before.quarantined_files + counts.quarantined_files,
                )
        return totals


def logical_dates(now: datetime, days: int) -> list[date]:
    """The dates to check, the newest first. Today is among them for early and manual runs."""
    return [now.date() - timedelta(days=back) for back in range(days + 2)]
