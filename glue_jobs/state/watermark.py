"""How far each source has been read, moved only after what was read has been written.

A batch is first pended (what will be read is fixed), then written under its number, then committed. A run that finds a pended batch
finishes exactly that one, and a table that already holds the batch number skips it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from glue_jobs.errors import RunError
from glue_jobs.state.control_table import TOKEN, ConflictError, Item, Items
from lakehouse.environments.control import KEY
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control

Json = Any


class WatermarkConflictError(RunError):
    """The watermark was moved by somebody else, or in an order that the protocol does not know."""

    code = "RUN030"


@dataclass(frozen=True)
class Reading:
    """A watermark as it is stored. `batch` is the number of the pended batch, or else of the last one committed; 0 before the first."""

    key: str
    position: Json = None
    pending: Json = None
    batch: int = 0
    batch_id: str = ""
    run_id: str = ""
    updated_at: str = ""


class Mark:
    """A watermark that one run has opened. Positions and `pending` are JSON values; null is no position, and nothing pended."""

    def __init__(self, items: Items, key: str, item: Item | None) -> None:
        self.key = key
        self._items = items
        self._item = item

    @property
    def reading(self) -> Reading:
        return _reading(self.key, self._item)

    @property
    def position(self) -> Json:
        return self.reading.position

    @property
    def pending(self) -> Json:
        return self.reading.pending

    @property
    def batch(self) -> int:
        return self.reading.batch

    @property
    def batch_id(self) -> str:
        """Of the pended batch: a run that finishes it writes it under the id it was planned with."""
        return self.reading.batch_id

    def pend(self, until: Json, *, batch_id: str, run_id: str) -> None:
        """Fix the next batch: from `position` to `until`. Raises WatermarkConflictError, also when a batch is pended already."""
        if until is None:
            raise ValueError("a batch must have an end")
        if self.pending is not None:
            raise WatermarkConflictError(
                f"'{self.key}' has batch {self.batch} pended; it must be finished before another is planned"
            )
        self._put(pending=until, batch=self.batch + 1, batch_id=batch_id, run_id=run_id)

    def commit(self) -> None:
        """The pended batch is written: its end is the position now."""
        if self.pending is None:
            raise WatermarkConflictError(f"'{self.key}' has no batch pended, so there is nothing to commit")
        self._put(position=self.pending, pending=None)

    def _put(self, **changes: Any) -> None:
        values = {**self.reading.__dict__, **changes}
        item = {
            KEY: self.key,
            # As JSON text, so that any value comes back as it went in; DynamoDB knows neither floats nor empty sets.
            "position": json.dumps(values["position"]),
            "pending": json.dumps(values["pending"]),
            "batch": values["batch"],
            "batch_id": values["batch_id"],
            "run_id": values["run_id"],
            "updated_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        try:
            self._item = self._items.replace(self._item, item) if self._item else self._items.create(item)
        except ConflictError as conflict:
            by = (conflict.found or {}).get("run_id") or "nobody"
            raise WatermarkConflictError(
                f"'{self.key}' was moved since it was read, last by run {by}; start this run again"
            ) from None


class Watermarks:
    """All watermarks of an environment."""

    def __init__(self, env: Environment) -> None:
        self._items = Items(env, Control.WATERMARKS)

    def open(self, key: str) -> Mark:
        """The watermark as it is now. Hold the lease of the table that its rows go to before you open it."""
        return Mark(self._items, key, self._items.get(key))

    def read(self, key: str) -> Reading:
        return _reading(key, self._items.get(key))

    def list(self, prefix: str = "") -> Iterator[Reading]:
        """Every watermark whose key begins with `prefix`, in key order."""
        return (_reading(item[KEY], item) for item in self._items.scan(prefix))

    def reset(self, key: str, position: Json) -> Reading:
        """Put the position anywhere, for a backfill; a pended batch is dropped.

        Batch numbers go on, so that no table takes a new batch for an old one.
        """
        mark = self.open(key)
        mark._put(position=position, pending=None)
        return mark.reading


def _reading(key: str, item: Item | None) -> Reading:
    if item is None:
        return Reading(key)
    fields = {name: value for name, value in item.items() if name not in (KEY, TOKEN)}
    return Reading(
        key,
        **{**fields, "position": json.loads(fields["position"]), "pending": json.loads(fields["pending"])},
    )
