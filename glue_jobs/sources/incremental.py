"""Reads a warehouse table by its watermark column, with an overlap for what was committed late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from glue_jobs.sources.columns import POSITION, Matched, match, typed_null
from glue_jobs.sources.source import Extract, Position, SourceError
from lakehouse.contracts import SourcedContract

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Window:
    """Rows whose watermark is in [start, end), or null. No `start`: from the beginning; no `end`: only those with null."""

    start: datetime | None
    end: datetime | None


class Table(Protocol):
    """A table of a warehouse. Moments are UTC."""

    where: str

    def columns(self) -> list[str]:
        """Its columns as it spells them."""

    def newest(self, watermark: str, before: datetime) -> tuple[datetime | None, bool]:
        """The greatest watermark before a moment, and whether any row has none."""

    def rows(self, columns: dict[str, str], watermark: str, window: Window) -> DataFrame:
        """`columns`: contract name → its own; the frame has the contract's names and the table's types, moments as timestamps."""


class Watermarked:
    """Position: {"high": ISO 8601 in UTC}, the greatest watermark that was read; null when all rows had none.

    Rows without a watermark come with every read: they have no place in time, and the contract sends them to the error lane.
    """

    def __init__(self, contract: SourcedContract, table: Table) -> None:
        self._contract = contract
        self._table = table

    def plan(self, position: Position, run_date: date) -> Position:
        before = datetime.combine(run_date + timedelta(days=1), time(0), UTC)
        newest, some_without = self._table.newest(self._watermark, before)
        old = _high(position)
        if newest is None:
            return {"high": None} if position is None and some_without else position
        return position if old is not None and newest <= old else {"high": newest.isoformat()}

    def read(self, position: Position, until: Position) -> Extract:
        from pyspark.sql import functions as F

        old, new = _high(position), _high(until)
        overlap = timedelta(minutes=self._contract.source.overlap_minutes)
        window = Window(None if old is None else old - overlap + TICK, None if new is None else new + TICK)
        raw = self._table.rows(self._matched.found, self._watermark, window)
        columns = [
            F.col(c.name) if c.name in self._matched.found else typed_null(c, text=False)
            for c in self._contract.columns
        ]
        rows = raw.select(*columns, F.lit(None).cast("string").alias(POSITION))
        return Extract(
            rows, text=False, extra_columns=self._matched.extra, missing_columns=self._matched.missing
        )

    @cached_property
    def _matched(self) -> Matched:
        return match(self._contract, self._table.columns(), self._table.where)

    @cached_property
    def _watermark(self) -> str:
        name = self._contract.lake.watermark_column
        if name is None or name not in self._matched.found:
            raise SourceError(
                f"{self._contract.table}: {self._table.where} has no watermark column to read it by",
                code="RUN106",
            )
        return self._matched.found[name]


def _high(position: Position) -> datetime | None:
    text = (position or {}).get("high")
    return datetime.fromisoformat(text) if text else None
