"""Watermarks: how far each source has been read. A watermark moves only after its rows have been written.

A batch is first planned (its end becomes `pending`), then written under its number, then committed. A run
that finds a pending batch finishes exactly that batch, and a table that already holds the batch number skips
it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from glue_jobs.errors import RunError
from glue_jobs.state.control_table import TOKEN, ConflictError, ControlTable, Item
from lakehouse.environments.control import KEY
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control

Json = Any


class WatermarkConflictError(RunError):
    """Another run moved the watermark, or this run breaks the order plan, write, commit."""

    code = "RUN030"


@dataclass(frozen=True)
class WatermarkState:
    """A stored watermark.

    `batch`: number of the pending batch, else of the last committed one; 0 before the first. `run_date`: the
    logical date of the run that planned it, empty in a watermark of an earlier release.
    """

    key: str
    position: Json = None
    pending: Json = None
    batch: int = 0
    batch_id: str = ""
    run_id: str = ""
    run_date: str = ""
    updated_at: str = ""


class OpenWatermark:
    """A watermark that one run has opened.

    Positions are JSON values; None means no position, or no pending batch.
    """

    def __init__(self, table: ControlTable, key: str, item: Item | None) -> None:
        self.key = key
        self._table = table
        self._item = item

    @property
    def state(self) -> WatermarkState:
        return _state(self.key, self._item)

    @property
    def position(self) -> Json:
        return self.state.position

    @property
    def pending(self) -> Json:
        return self.state.pending

    @property
    def batch(self) -> int:
        return self.state.batch

    @property
    def batch_id(self) -> str:
        """Id of the pending batch; a run that finishes a batch of another run writes it under this id."""
        return self.state.batch_id

    def plan_batch(self, until: Json, *, batch_id: str, run_id: str, run_date: date | None = None) -> None:
        """Fixes the next batch: from `position` to `until`.

        Raises WatermarkConflictError, also when a batch is pending.
        """
        if until is None:
            raise ValueError("a batch must have an end")
        if self.pending is not None:
            raise WatermarkConflictError(
                f"'{self.key}' has batch {self.batch} pending; it must be finished before another is planned"
            )
        day = run_date.isoformat() if run_date else ""
        self._store(pending=until, batch=self.batch + 1, batch_id=batch_id, run_id=run_id, run_date=day)

    def commit(self) -> None:
        """Moves the position to the end of the pending batch.

        Raises WatermarkConflictError when no batch is pending.
        """
        if self.pending is None:
            raise WatermarkConflictError(f"'{self.key}' has no batch pending, so there is nothing to commit")
        self._store(position=self.pending, pending=None)

    def reset(self, position: Json) -> None:
        """Moves the position anywhere and drops a pending batch. Batch numbers go on counting."""
        self._store(position=position, pending=None)

    def restore(self, position: Json, batch: int) -> None:
        """Sets position and batch number together and drops a pending batch: for a table that is restored.

        `batch`: the highest number that any of its tables has seen, or batches to come would be skipped.
        """
        self._store(position=position, pending=None, batch=batch)

    def _store(self, **changes: Any) -> None:
        values = {**self.state.__dict__, **changes}
        item = {
            KEY: self.key,
            # JSON text, so that every value comes back unchanged: DynamoDB has neither floats nor empty sets.
            "position": json.dumps(values["position"]),
            "pending": json.dumps(values["pending"]),
            "batch": values["batch"],
            "batch_id": values["batch_id"],
            "run_id": values["run_id"],
            "run_date": values["run_date"],
            "updated_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        try:
            self._item = self._table.replace(self._item, item) if self._item else self._table.create(item)
        except ConflictError as conflict:
            other = (conflict.current or {}).get("run_id") or "nobody"
            raise WatermarkConflictError(
                f"'{self.key}' was moved since it was read, last by run {other}; start this run again"
            ) from None


class Watermarks:
    """All watermarks of an environment."""

    def __init__(self, env: Environment) -> None:
        self._table = ControlTable(env, Control.WATERMARKS)

    def open(self, key: str) -> OpenWatermark:
        """Opens a watermark to move it. Hold the lease of the table that its rows go to before."""
        return OpenWatermark(self._table, key, self._table.get(key))

    def read(self, key: str) -> WatermarkState:
        """The watermark as it is now; without a position where the key is new."""
        return _state(key, self._table.get(key))

    def list(self, prefix: str = "") -> Iterator[WatermarkState]:
        """Every watermark whose key begins with `prefix`, in key order."""
        return (_state(item[KEY], item) for item in self._table.scan(prefix))

    def reset(self, key: str, position: Json) -> WatermarkState:
        """Moves the position anywhere, for a backfill, and drops a pending batch.

        Batch numbers go on counting, so that no table takes a new batch for an old one.
        """
        watermark = self.open(key)
        watermark.reset(position)
        return watermark.state


def _state(key: str, item: Item | None) -> WatermarkState:
    if item is None:
        return WatermarkState(key)
    fields = {name: value for name, value in item.items() if name not in (KEY, TOKEN)}
    return WatermarkState(
        key,
        **{**fields, "position": json.loads(fields["position"]), "pending": json.loads(fields["pending"])},
    )
