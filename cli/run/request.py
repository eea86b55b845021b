"""What one `lakehouse run` asks of its jobs, on one logical date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from lakehouse.pipelines import Job
from lakehouse.pipelines.backfill import ARGUMENT, BackfillWindow
from lakehouse.pipelines.full_refresh import forced
from lakehouse.pipelines.job_type import JobType


@dataclass(frozen=True)
class JobsRequest:
    """What each job of a `lakehouse run` gets: `params` replace values of the job's parameters.

    `window`: ingests read these days of their sources again. `replay` and `rewind`: see RunRequest. `force`:
    tables that are made anew, judged whole or published whole, though nothing changed. `smoke`: each job
    tries what it needs, and does nothing else. `whole`: whole pipelines are run, and no job of them alone.
    """

    run_date: date
    full_refresh: bool = False
    params: Mapping[str, str] = field(default_factory=dict)
    window: BackfillWindow | None = None
    replay: str = ""
    force: tuple[str, ...] = ()
    rewind: str = ""
    smoke: bool = False
    whole: bool = False

    @property
    def as_scheduled(self) -> bool:
        """Whether a schedule would ask for the same: whole pipelines, for a date and nothing more."""
        more = (self.full_refresh, self.params, self.window, self.replay, self.force, self.rewind, self.smoke)
        return self.whole and not any(more)

    def arguments(self, job: Job) -> dict[str, str]:
        """The arguments of the job's type, without dashes."""
        reads_window = self.window is not None and job.type is JobType.INGEST
        force = forced(job, self.force)
        return {
            **({ARGUMENT.removeprefix("--"): str(self.window)} if reads_window else {}),
            **({"full-refresh": "true"} if self.full_refresh else {}),
            **({"replay": self.replay} if self.replay else {}),
            **({"rewind": self.rewind} if self.rewind else {}),
            **({"force": ",".join(force)} if force else {}),
            **({"smoke": "true"} if self.smoke else {}),
        }
