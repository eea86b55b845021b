"""A fault of a job, at the line of its row."""

from __future__ import annotations

from collections.abc import Iterable

from lakehouse.pipelines.model import Job
from lakehouse.reading.faults import Collector


def note_job(
    faults: Collector,
    code: str,
    job: Job,
    message: str,
    wanted: str,
    value: str = "",
    among: Iterable[str] = (),
) -> None:
    """Notes a fault at the row of the job.

    `among` are the valid names; the one nearest to `value` is offered.
    """
    file, line = job.file_and_line
    faults.add(code, message, file=faults.root / file, at=(line, 0), wanted=wanted, value=value, among=among)
