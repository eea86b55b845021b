"""Starts the deployed Glue jobs of an environment, and follows them to their end."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TextIO

from botocore.exceptions import ClientError
from rich.console import Console
from rich.live import Live

from cli.progress import is_quiet
from cli.run.deployed_log import RunLog
from cli.run.outcome import Outcome, log_file, screen, within
from cli.run.request import JobsRequest
from cli.run.show import error_line
from cli.run.start import start_run
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.state.audit import Audit, RunRow
from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job, Pipeline

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import JobRunTypeDef

# Seconds between two looks at the runs: at the embedded AWS they are free, and runs are short.
_LOOK_SECONDS, _LOOK_SECONDS_LOCAL = 10.0, 0.5
_SUCCEEDED = "SUCCEEDED"
# https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html
_ENDED = frozenset({_SUCCEEDED, "FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"})


def run_deployed(env: Environment, jobs: list[Job], request: JobsRequest, *, quiet: bool) -> list[Outcome]:
    """Runs the deployed jobs, wave after wave. A job that waits for a failed one is skipped.

    What they log is copied into the log file of the run. Runs that have been started go on when this process
    is interrupted, which it says; jobs after them are not started.
    """
    outcomes = {job.name: Outcome(job.name) for job in jobs}
    console = Console(stderr=True, quiet=quiet or is_quiet())
    with log_file(env).open("a") as log:
        with Live(console=console, get_renderable=lambda: screen(outcomes), refresh_per_second=4) as live:
            runner = _Runner(env, request, outcomes, log)
            try:
                for wave in Pipeline(jobs[0].pipeline, tuple(within(jobs))).levels():
                    runner.run_wave(wave)
            except KeyboardInterrupt:
                going = ", ".join(o.job for o in outcomes.values() if o.status == "running")
                console.print(f"interrupted; Glue goes on with: {going or 'nothing'}")
                raise
            live.refresh()
        console.print()
    return list(outcomes.values())


@dataclass(frozen=True)
class _Runner:
    env: Environment
    request: JobsRequest
    outcomes: Mapping[str, Outcome]
    log: TextIO

    def run_wave(self, wave: Sequence[Job]) -> None:
        """Start the jobs of a wave, and return when all have ended."""
        running: dict[str, RunLog] = {}
        for job in wave:
            outcome = self.outcomes[job.name]
            if all(self.outcomes[name].succeeded for name in job.depends_on):
                if run_id := self._start(job, outcome):
                    running[job.name] = RunLog(self.env, run_id, self.log)
            else:
                outcome.status = "skipped"
        pause = _LOOK_SECONDS_LOCAL if self.env.aws.endpoint else _LOOK_SECONDS
        while running:
            time.sleep(pause)
            for name, log in list(running.items()):
                if self._look(self.outcomes[name], log):
                    del running[name]

    def _start(self, job: Job, outcome: Outcome) -> str | None:
        outcome.status, outcome.detail = "running", "STARTING"
        arguments = self.request.arguments(job)
        try:
            return start_run(self.env, job.name, self.request.run_date, self.request.params, arguments)
        except RunError as error:
            # Another run of it, a quota, a right that is missing: the jobs beside it go on.
            outcome.status, outcome.error = "failed", str(error)
            return None

    def _look(self, outcome: Outcome, log: RunLog) -> bool:
        """Note how a run stands. True when it has ended."""
        name = names.glue_job(self.env, outcome.job)
        run = clients(self.env).glue.get_job_run(JobName=name, RunId=log.run_id)["JobRun"]
        outcome.seconds = float(run.get("ExecutionTime", 0))
        outcome.detail = log.copy_new_lines() or run["JobRunState"]
        if run["JobRunState"] not in _ENDED:
            return False
        log.copy_new_lines()
        self._end(outcome, run, log.last_line)
        return True

    def _end(self, outcome: Outcome, run: JobRunTypeDef, last_line: str) -> None:
        outcome.status = "done" if run["JobRunState"] == _SUCCEEDED else "failed"
        row = None
        try:
            row = self._audited(outcome.job, run["StartedOn"])
        except ClientError as error:  # who may start jobs need not be allowed to read the audit
            outcome.warnings = [f"its counts in the audit cannot be read: {error.response['Error']['Code']}"]
        if row is not None:
            outcome.counts, outcome.cost = dict(row.tables), row.cost_estimate_usd
            outcome.warnings, outcome.tables = list(row.warnings), list(row.tables)
            outcome.unchanged = dict(row.unchanged)
        if not outcome.succeeded:
            outcome.error = _failure(run, row, last_line)

    def _audited(self, job: str, started: datetime) -> RunRow | None:
        """The row that the run has written to the audit; None when it came not so far."""
        rows = Audit(self.env).list(job=job, run_date=self.request.run_date, limit=1)
        return next((row for row in rows if datetime.fromisoformat(row.started_at) >= started), None)


def _failure(run: JobRunTypeDef, row: RunRow | None, last_line: str) -> str:
    """The error that the job has written to the audit, else what Glue says and the last line of the log."""
    if row is not None and row.error:
        return error_line(row)
    parts = [run["JobRunState"], run.get("ErrorMessage", ""), last_line, f"(Glue run {run['Id']})"]
    return " ".join(part for part in parts if part)
