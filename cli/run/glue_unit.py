"""One Glue run: of a job alone, or of a fused pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cli.run.deployed_log import RunLog
from cli.run.deployed_unit import ENDED, SUCCEEDED, DeployedUnit
from cli.run.show import error_line
from cli.run.start import start_run
from glue_jobs.aws import clients
from lakehouse.environments import names

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import JobRunTypeDef


@dataclass
class GlueUnit(DeployedUnit):
    """Is started by the function `start_run`."""

    _copied: RunLog = field(init=False, repr=False)

    @property
    def name(self) -> str:
        """The job's; that of the fused job for a fused run."""
        dag = self.unit.dag
        return dag.fused.job.name if dag and dag.fused else self.unit.jobs[0].name

    def start(self) -> None:
        request, (first, *_) = self.request, self.unit.jobs
        arguments = {} if self.unit.dag else request.arguments(first)
        run_id = start_run(self.env, self.name, request.run_date, request.params, arguments)
        self._copied = RunLog(self.env, run_id, self.log)

    def look(self) -> bool:
        name = names.glue_job(self.env, self.name)
        run = clients(self.env).glue.get_job_run(JobName=name, RunId=self._copied.run_id)["JobRun"]
        outcome = self.own[0]
        outcome.seconds = float(run.get("ExecutionTime", 0))
        outcome.detail = self._copied.copy_new_lines() or run["JobRunState"]
        if run["JobRunState"] not in ENDED:
            return False
        self._copied.copy_new_lines()
        self._end(run)
        return True

    def _end(self, run: JobRunTypeDef) -> None:
        succeeded = run["JobRunState"] == SUCCEEDED
        if self.unit.dag:
            self.end_together(run["StartedOn"], "" if succeeded else self._failure(run))
            return
        (outcome,) = self.own
        outcome.status = "done" if succeeded else "failed"
        row = self.row_of(outcome, run["StartedOn"])
        if not succeeded:
            outcome.error = error_line(row) if row is not None and row.error else self._failure(run)

    def _failure(self, run: JobRunTypeDef) -> str:
        """What Glue says and the last line of the log."""
        parts = [
            run["JobRunState"],
            run.get("ErrorMessage", ""),
            self._copied.last_line,
            f"(Glue run {run['Id']})",
        ]
        return " ".join(part for part in parts if part)
