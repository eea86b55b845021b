"""What a caller asks of one run of a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from glue_jobs.observability.lineage import Parent
from lakehouse.pipelines import Job
from lakehouse.pipelines.backfill import BackfillWindow


@dataclass(frozen=True)
class RunRequest:
    """What one run executes: a job, its logical date, and what the caller adds.

    `params` replace values of the job's parameters. `parent` is the pipeline's run. `progress` gets the name
    of each table that is done. `full_refresh`: tables are made anew from all of their inputs. `window`: an
    ingest reads these days of its source, by the watermarks of a backfill. `replay`: not the job's work, but
    rejected rows of one of its tables are tried again: `bronze.orders/ID`. `rewind`: a step of a rewind of a
    dimension instead, `gold.dim_customer/ID/FROM`, see lakehouse/pipelines/rewind.py. `requested_by`: who
    asked for it.
    `force`: these tables are made anew, judged whole or published whole, though nothing changed.
    """

    job: Job
    run_date: date
    params: Mapping[str, str] = field(default_factory=dict)
    parent: Parent | None = None
    trace_id: str | None = None
    progress: Callable[[str], None] = lambda _: None
    full_refresh: bool = False
    window: BackfillWindow | None = None
    replay: str = ""
    rewind: str = ""
    requested_by: str = ""
    force: tuple[str, ...] = ()
