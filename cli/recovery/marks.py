"""Watermarks of a region after a loss, held against the batches that its tables have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from lakehouse.environments import Environment

if TYPE_CHECKING:
    from glue_jobs.state.watermark import WatermarkState


def watermarks_of(env: Environment) -> dict[str, WatermarkState]:
    """Key → watermark, of all that are stored and of all that a job of the project moves.

    One that is not stored has batch 0: a backup of before the first run of its job lacks it.
    """
    from glue_jobs.state.watermark import WatermarkState
    from lakehouse.contracts import load_schemas
    from lakehouse.pipelines import load_pipelines
    from lakehouse.pipelines.watermark_owners import watermark_owners

    jobs = [job for pipeline in load_pipelines().values() for job in pipeline.jobs]
    owned = {key: WatermarkState(key) for key in watermark_owners(jobs, load_schemas())}
    return owned | {mark.key: mark for mark in _stored(env)}


def marks_behind(
    marks: Mapping[str, WatermarkState], batches: Iterable[Mapping[str, int]]
) -> Iterator[tuple[str, int, int]]:
    """(key, its number, the number that its table has) of each watermark that is behind its table.

    Its next batches would bear numbers that the table takes for its own, and be skipped. `batches`: of each
    table, key → number.
    """
    tables = list(batches)
    for key, mark in sorted(marks.items()):
        written = max((table.get(key, 0) for table in tables), default=0)
        if mark.batch < written:
            yield key, mark.batch, written


def _stored(env: Environment) -> Iterator[WatermarkState]:
    """Watermarks that are stored; none in a second region before its state is restored."""
    from botocore.exceptions import ClientError

    from glue_jobs.state.watermark import Watermarks

    try:
        yield from Watermarks(env).list()
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
