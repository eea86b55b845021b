"""What runs of jobs cost, by the audit: the base of each plan's estimate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import mean

from glue_jobs.state.audit import Audit
from glue_jobs.state.run_row import RunRow, Status
from lakehouse.environments import Environment

# Runs of one job that an estimate looks at.
RECENT = 400


@dataclass(frozen=True)
class PastRuns:
    """Runs of the past: their number, and the rows, seconds and US dollars of all of them."""

    runs: int
    rows: int
    seconds: float
    usd: float

    def __str__(self) -> str:
        if not self.runs:
            return "the audit has no run to estimate by"
        return f"{self.runs} runs, {self.rows} rows in, {self.seconds:.0f} s, {self.usd:.2f} USD by the audit"

    @classmethod
    def of(cls, rows: Iterable[RunRow], table: str = "") -> PastRuns:
        """Of succeeded runs; `rows` in are those of `table`, or of all tables of the runs."""
        done = [row for row in rows if row.status is Status.SUCCEEDED]
        counts = [c for row in done for name, c in row.tables.items() if table in ("", name)]
        seconds, usd = sum(r.seconds for r in done), sum(r.cost_estimate_usd for r in done)
        return cls(len(done), sum(c.rows_in for c in counts), seconds, usd)


def runs_since(env: Environment, job: str, table: str, since: date | None) -> PastRuns:
    """The runs of a job for days from `since` on; all that the audit shows where it is None."""
    rows = Audit(env).list(job=job, limit=RECENT)
    return PastRuns.of((row for row in rows if since is None or row.run_date >= since), table)


@dataclass(frozen=True)
class UsualRun:
    """A usual run of a job: mean seconds and US dollars of its recent runs; None where it has none."""

    seconds: float | None
    usd: float | None


def usual_run(env: Environment, job: str) -> UsualRun:
    """The mean of the recent runs of a job that succeeded."""
    rows = [r for r in Audit(env).list(job=job, limit=50) if r.status is Status.SUCCEEDED]
    if not rows:
        return UsualRun(None, None)
    return UsualRun(mean(r.seconds for r in rows), mean(r.cost_estimate_usd for r in rows))
