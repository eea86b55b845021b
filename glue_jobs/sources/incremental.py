"""Reads a warehouse table by its watermark column, with an overlap for rows that were committed late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pyspark.sql import functions as F

from glue_jobs.sources.columns import POSITION, ColumnMapping, match_columns, null_column
from glue_jobs.sources.source import Extract, Position, SourceError, soon
from lakehouse.contracts import SourcedContract

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

MICROSECOND = timedelta(microseconds=1)
OVERLAP_ROWS = "overlap_rows"


@dataclass(frozen=True)
class ReadRange:
    """Rows whose watermark is in [start, end), and rows whose watermark is null.

    Without `start` the range is open at its beginning; without `end` it holds only the rows with null.
    """

    start: datetime | None
    end: datetime | None


class Newest(NamedTuple):
    """How far a table goes.

    `high`: its greatest watermark before a moment; `some_without`: whether any row has none; `ahead`: how
    many rows have one that is not before another, later moment.
    """

    high: datetime | None
    some_without: bool
    ahead: int


class SourceTable(Protocol):
    """A table of a warehouse. Timestamps are UTC. `label`: how errors name the table."""

    label: str

    def columns(self) -> list[str]:
        """The table's columns, as the warehouse spells them."""

    def newest(self, watermark: str, before: datetime, soon: datetime) -> Newest:
        """The greatest watermark before a moment, and how many rows have one from `soon` on."""

    def count(self, watermark: str, range_: ReadRange) -> int:
        """How many rows a range has."""

    def rows(self, columns: dict[str, str], watermark: str, range_: ReadRange) -> DataFrame:
        """`columns`: contract name → the table's name.

        The result has the contract's names and the table's types.
        """


class IncrementalTable:
    """Position: {"high": ISO 8601 in UTC}, the greatest watermark that was read; null when no row had one.

    With an overlap it also has "overlap_rows", how many rows the overlap below `high` had. When their number
    changes, rows were committed late, and a run reads the overlap again though no row is newer.
    Every read returns the rows without a watermark too: they have no place in time, and the contract sends
    them to the quarantine.
    """

    def __init__(self, contract: SourcedContract, table: SourceTable) -> None:
        self._contract = contract
        self._table = table
        self._overlap = timedelta(minutes=contract.source.overlap_minutes)
        self._ahead = 0

    def plan(self, position: Position, run_date: date) -> Position:
        """Up to the greatest watermark before the end of `run_date`."""
        before = datetime.combine(run_date + timedelta(days=1), time(0), UTC)
        newest, some_without, self._ahead = self._table.newest(self._watermark, before, max(before, soon()))
        last = _high(position)
        if newest is not None and (last is None or newest > last):
            return self._until(newest)
        if position is None:
            return self._until(None) if some_without else None
        if not isinstance(position.get(OVERLAP_ROWS), int):
            return position
        until = self._until(last)
        return position if until == position else until

    def ahead(self) -> str:
        """The rows with a watermark in days to come, as the last plan saw them."""
        return f"{self._ahead} rows of {self._table.label}" if self._ahead else ""

    def _until(self, high: datetime | None) -> dict[str, str | int | None]:
        """The position at `high`, a greatest watermark."""
        position: dict[str, str | int | None] = {"high": None if high is None else high.isoformat()}
        if self._overlap:
            end = None if high is None else high + MICROSECOND
            range_ = ReadRange(None if end is None else end - self._overlap, end)
            position[OVERLAP_ROWS] = self._table.count(self._watermark, range_)
        return position

    def before(self, day: date) -> Position:
        """The position right before the first row of a day."""
        return {"high": (datetime.combine(day, time(0), UTC) - MICROSECOND).isoformat()}

    def read(self, position: Position, until: Position) -> Extract:
        """The rows after `position`, less the overlap, and not after `until`."""
        last, end = _high(position), _high(until)
        start = None if last is None else last - self._overlap + MICROSECOND
        range_ = ReadRange(start, None if end is None else end + MICROSECOND)
        mapping = self._mapping
        raw = self._table.rows(mapping.source_names, self._watermark, range_)
        columns = [
            F.col(c.name) if c.name in mapping.source_names else null_column(c, text=False)
            for c in self._contract.columns
        ]
        rows = raw.select(*columns, F.lit(None).cast("string").alias(POSITION))
        return Extract(rows, text=False, extra_columns=mapping.extra, missing_columns=mapping.missing)

    @cached_property
    def _mapping(self) -> ColumnMapping:
        return match_columns(self._contract, self._table.columns(), self._table.label)

    @cached_property
    def _watermark(self) -> str:
        name = self._contract.lake.watermark_column
        if name is None or name not in self._mapping.source_names:
            raise SourceError(
                f"{self._contract.table}: {self._table.label} has no watermark column to read it by",
                code="RUN106",
            )
        return self._mapping.source_names[name]


def _high(position: Position) -> datetime | None:
    text = (position or {}).get("high")
    return datetime.fromisoformat(text) if text else None
