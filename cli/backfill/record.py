"""What is known of each backfill: its days and jobs, and how many days are done; in the audit's table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from glue_jobs.errors import RunError
from glue_jobs.state.control_table import ControlTable, Item
from lakehouse.environments import Environment
from lakehouse.environments.control import AUDIT_RECENT, KEY
from lakehouse.environments.names import Control
from lakehouse.pipelines.backfill import BackfillWindow

KIND = "backfill"
OPEN, DONE = "OPEN", "DONE"


@dataclass(frozen=True)
class Backfill:
    """A backfill that was agreed to. `jobs`: names in order. `done`: its first days that are done.

    `at_once`: every job runs once, for the last day.
    """

    id: str
    first: str
    last: str
    jobs: list[str]
    at_once: bool
    actor: str
    started_at: str
    done: int = 0
    status: str = OPEN

    @property
    def window(self) -> BackfillWindow:
        return BackfillWindow(self.id, date.fromisoformat(self.first), date.fromisoformat(self.last))

    @property
    def days(self) -> list[date]:
        """The logical dates of its runs."""
        window = self.window
        first = window.last if self.at_once else window.first
        return [first + timedelta(days=n) for n in range((window.last - first).days + 1)]

    @property
    def lease(self) -> str:
        """The right to run this backfill, for one process at a time."""
        return f"backfill.{self.id}"


class Backfills:
    """All backfills of an environment."""

    def __init__(self, env: Environment) -> None:
        self._env, self._table = env, ControlTable(env, Control.AUDIT)

    def create(self, backfill: Backfill) -> None:
        """Notes a new backfill."""
        self._table.create(_item(backfill))

    def get(self, backfill_id: str) -> Backfill:
        """The backfill of an id. Raises RunError (RUN603) for an unknown one."""
        item = self._table.get(_key(backfill_id))
        if item is None:
            raise RunError(
                f"there is no backfill '{backfill_id}'; `lakehouse backfill --env {self._env.name} --list` "
                "shows all",
                code="RUN603",
            )
        return _backfill(item)

    def update(self, backfill: Backfill, **changes: Any) -> Backfill:
        """Notes how far a backfill is."""
        changed = replace(backfill, **changes)
        current = self._table.get(_key(backfill.id))
        assert current is not None, backfill.id
        self._table.replace(current, _item(changed))
        return changed

    def newest(self, limit: int = 30) -> list[Backfill]:
        """The newest first."""
        items: Iterator[Item] = self._table.newest(AUDIT_RECENT, ("kind", KIND), {})
        return [_backfill(item) for item in islice(items, limit)]


def now() -> str:
    """The moment in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _key(backfill_id: str) -> str:
    return f"{KIND}/{backfill_id}"


def _item(backfill: Backfill) -> Item:
    return {**asdict(backfill), KEY: _key(backfill.id), "kind": KIND}


def _backfill(item: Item) -> Backfill:
    return Backfill(**{f.name: item[f.name] for f in fields(Backfill)})
