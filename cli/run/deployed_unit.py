"""Jobs of one `lakehouse run` that one call starts: how they are started, followed and ended."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from botocore.exceptions import ClientError

from cli.run.outcome import Outcome
from cli.run.request import JobsRequest
from cli.run.show import error_line
from cli.run.units import Unit
from glue_jobs.state.audit import Audit, RunRow, Status
from lakehouse.environments import Environment

SUCCEEDED = "SUCCEEDED"
# https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html
ENDED = frozenset({SUCCEEDED, "FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"})


@dataclass
class DeployedUnit(ABC):
    """A unit and the outcomes of its jobs. `log`: what its runs log is copied there."""

    env: Environment
    unit: Unit
    request: JobsRequest
    outcomes: Mapping[str, Outcome]
    log: TextIO

    @property
    @abstractmethod
    def name(self) -> str:
        """What AWS goes on with."""

    @abstractmethod
    def start(self) -> None:
        """Raises RunError when AWS does not start it."""

    @abstractmethod
    def look(self) -> bool:
        """Note how it stands. True when it has ended."""

    @property
    def own(self) -> list[Outcome]:
        """The outcomes of its jobs."""
        return [self.outcomes[job.name] for job in self.unit.jobs]

    def row_of(self, outcome: Outcome, since: datetime) -> RunRow | None:
        """The row that the job has written to the audit since then, whose counts become the outcome's.

        None when it came not so far, or when the caller may not read it: who may start jobs need not.
        """
        try:
            rows = Audit(self.env).list(job=outcome.job, run_date=self.request.run_date, limit=1)
        except ClientError as error:
            outcome.warnings = [f"its counts in the audit cannot be read: {error.response['Error']['Code']}"]
            return None
        row = next((row for row in rows if datetime.fromisoformat(row.started_at) >= since), None)
        if row is not None:
            outcome.counts, outcome.cost = dict(row.tables), row.cost_estimate_usd
            outcome.warnings, outcome.tables = list(row.warnings), list(row.tables)
            outcome.unchanged = dict(row.unchanged)
        return row

    def end_together(self, since: datetime, failure: str) -> None:
        """Ends all jobs by their rows in the audit. `failure` is empty when their run has succeeded.

        A failed run that no job's row explains has failed by itself: its first job says so.
        """
        unexplained = failure
        for outcome in self.own:
            row = self.row_of(outcome, since)
            outcome.detail = ""
            if row is not None:
                outcome.seconds = row.seconds
            if (row is not None and row.status is Status.SUCCEEDED) or (row is None and not failure):
                outcome.status = "done"
            elif row is None:
                outcome.status = "skipped"
            else:
                outcome.status, outcome.error = "failed", error_line(row) if row.error else failure
                unexplained = ""
        if unexplained:
            first = next((o for o in self.own if not o.succeeded), self.own[-1])
            first.status, first.error = "failed", unexplained
