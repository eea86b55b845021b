"""A source from which only the days of a backfill are read, by positions of the backfill's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from glue_jobs.sources.source import Extract, Position, Source


@dataclass(frozen=True)
class WindowedSource:
    """Reads `source` from `start` to the end of the day `last`.

    Without a position nothing of the window was read: the batch begins at `start()`, which gives the same
    position each time.
    """

    source: Source
    start: Callable[[], Position]
    last: date

    def plan(self, position: Position, run_date: date) -> Position:
        """The end of the next batch, not after the window; `position` itself when there is nothing left."""
        begin = self.begin(position)
        until = self.source.plan(begin, min(run_date, self.last))
        return position if until == begin else until

    def ahead(self) -> str:
        """Empty: what is after the window is no business of a backfill."""
        return ""

    def read(self, position: Position, until: Position) -> Extract:
        """The rows of the window after `position` and not after `until`."""
        return self.source.read(self.begin(position), until)

    def begin(self, position: Position) -> Position:
        """Where a batch begins that has this position."""
        return self.start() if position is None else position
