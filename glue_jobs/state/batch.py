"""A batch: a planned piece of input, done exactly once however often it is started."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from glue_jobs.observability import logs
from glue_jobs.state.lease import lease
from glue_jobs.state.lease_handle import LeaseHandle
from glue_jobs.state.watermark import OpenWatermark, Watermarks
from lakehouse.environments.model import Environment

log = logging.getLogger(__name__)

# In the end of a batch: the run that was asked to make the table anew.
FULL_REFRESH = "full_refresh"
# A position as the control table keeps it: any JSON value, null before the first batch.
Json = Any


@dataclass(frozen=True)
class Batch:
    """A planned piece of input, from `position` to `until`: the same one however often it is started.

    `run_id` and `run_date` are those of the run that planned it. `guard` raises when this run no longer holds
    the lease; call it right before each commit.
    """

    key: str
    number: int
    batch_id: str
    run_id: str
    run_date: date
    position: Json
    until: Json
    resumed: bool
    planned_at: datetime
    guard: Callable[[], None]

    @property
    def makes_anew(self) -> bool:
        """Whether the batch reads its inputs whole and replaces all rows of its table."""
        return isinstance(self.until, dict) and bool(self.until.get(FULL_REFRESH))


@dataclass(frozen=True)
class BatchRequest:
    """Who asks for the next batch of the watermark `key`, under the lease of `resource`.

    `plan` gives the end of the next batch, the position itself when there is nothing new. `is_void` says of
    the end of a pending batch that its input does not exist any more: the batch is dropped and another
    planned.
    """

    resource: str
    key: str
    run_id: str
    run_date: date
    plan: Callable[[Json], Json]
    is_void: Callable[[Json], bool] = lambda _: False


@contextmanager
def open_batch(env: Environment, request: BatchRequest) -> Iterator[Batch | None]:
    """Plans the next batch under its lease, or takes up the one that a killed run left.

    Gives None when there is nothing new. The watermark moves when the block ends without an error, and never
    before. Every log line of the block carries the batch id.
    """
    with lease(env, request.resource, request.run_id) as guard:
        watermark = Watermarks(env).open(request.key)
        if watermark.pending is not None and request.is_void(watermark.pending):
            log.warning(
                "batch %d of %s is dropped and planned anew: a table that it was to read was made anew",
                watermark.batch,
                request.key,
            )
            watermark.reset(watermark.position)
        resumed = watermark.pending is not None
        if not resumed:
            until = request.plan(watermark.position)
            if until is None or until == watermark.position:
                yield None
                return
            watermark.plan_batch(
                until, batch_id=str(uuid.uuid4()), run_id=request.run_id, run_date=request.run_date
            )
        batch = _batch(watermark, request, guard, resumed=resumed)
        with logs.bound(batch_id=batch.batch_id):
            yield batch
            guard.check()
            watermark.commit()


def _batch(watermark: OpenWatermark, request: BatchRequest, held: LeaseHandle, *, resumed: bool) -> Batch:
    state = watermark.state
    return Batch(
        request.key,
        state.batch,
        state.batch_id,
        state.run_id,
        # A batch that an earlier release planned has no date of its own.
        date.fromisoformat(state.run_date) if state.run_date else request.run_date,
        state.position,
        state.pending,
        resumed,
        datetime.fromisoformat(state.updated_at),
        held.check,
    )
