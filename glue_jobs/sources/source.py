"""Base types of all sources: positions, extracts, the Source protocol and its error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from glue_jobs.errors import RunError
from lakehouse.contracts import Contract, SourcedContract

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# How far a source was read: a JSON object whose keys the source defines, or None before the first read.
Position = dict[str, Any] | None


# Rows of a batch that was planned are gone from the source: Kafka's offsets, landing files.
LOST_ROWS = frozenset({"RUN104", "RUN140", "RUN144"})


class SourceError(RunError):
    """A source is down (RUN101), lost unread rows (RUN104, RUN140) or breaks its contract (RUN102 to 106)."""

    code = "RUN101"


@dataclass(frozen=True)
class RejectedFile:
    """A landing file that cannot be read. `reason` follows the file's name, and holds no value of a row."""

    bucket: str
    key: str
    etag: str
    size: int
    modified: datetime
    reason: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True)
class Extract:
    """The source's rows under the contract's names.

    `rows`: the contract's columns in order, then `_source_position` (file:line, topic-partition@offset, or
    null). With `text` every contract column is a string, and `_corrupt` holds the raw text of a line that
    cannot be parsed or is not UTF-8, else null. Without `text` the columns have the source's own types.
    `extra_columns`: columns that only the source has; they are not in `rows`. `missing_columns`: columns that
    only the contract has; they are null in `rows`. `files`: how many files the batch has, and `rejected`
    those of them without rows here, because they cannot be read. `read_again`: another extract of the same
    rows, for an error of a pass over `rows` that calls for one; None for any other error.
    """

    rows: DataFrame
    text: bool
    extra_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()
    files: int = 0
    rejected: tuple[RejectedFile, ...] = ()
    read_again: Callable[[BaseException], Extract | None] = lambda _: None


class Source(Protocol):
    """Where the rows of a bronze table come from."""

    def plan(self, position: Position, run_date: date) -> Position:
        """The end of the next batch for `run_date`; equal to `position` when there is nothing new."""

    def ahead(self) -> str:
        """What the last plan left because it bears a time after `soon()`; empty when there is nothing."""

    def read(self, position: Position, until: Position) -> Extract:
        """The rows after `position` and not after `until`: the same each time, while the source has them."""


def soon() -> datetime:
    """A day from now: a source may count by the day of a zone ahead of UTC, and clocks differ.

    What bears a later time was stamped by a wrong clock, or by a mistake.
    """
    return datetime.now(UTC) + timedelta(days=1)


def require_source(contract: Contract) -> SourcedContract:
    """The contract with its source. Raises SourceError (RUN106) when it names none."""
    sourced = SourcedContract.of(contract)
    if sourced is None:
        raise SourceError(f"{contract.table}: its contract names no source", code="RUN106")
    return sourced
