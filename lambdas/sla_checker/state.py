"""The audit as the checks ask for it: by job, by logical date, by table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from lambdas.common.audit import Counts, Run
from lambdas.common.job_catalog import Watched


@dataclass(frozen=True)
class State:
    """What is known at `now`. `running`: continuous jobs that Glue says are running."""

    now: datetime
    watched: Watched
    runs: Sequence[Run]
    running: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def _by_job(self) -> dict[str, list[Run]]:
        found: defaultdict[str, list[Run]] = defaultdict(list)
        for run in self.runs:
            found[run.job].append(run)
        return found

    def of(self, job: str, run_date: date | None = None) -> list[Run]:
        return [run for run in self._by_job.get(job, []) if run_date in (None, run.run_date)]

    def succeeded_dates(self, job: str) -> list[date]:
        """The newest first."""
        return sorted({run.run_date for run in self.of(job) if run.succeeded}, reverse=True)

    def totals(self, job: str, run_date: date) -> dict[str, Counts]:
        """Rows per table over all successful runs of a logical date: the second of two runs finds nothing left to do."""
        found: dict[str, Counts] = {}
        for run in self.of(job, run_date):
            for table, counts in run.tables.items() if run.succeeded else ():
                before = found.get(table, Counts())
                found[table] = Counts(
                    before.rows_in + counts.rows_in,
                    before.written + counts.written,
                    before.quarantined + counts.quarantined,
                )
        return found


def logical_dates(now: datetime, days: int) -> list[date]:
    """Today's, which a late schedule or a person may run, then the day before and so on."""
    return [now.date() - timedelta(days=back) for back in range(days + 2)]
