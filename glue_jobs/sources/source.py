"""Base types of all sources: positions, extracts, the Source protocol and its error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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
class Extract:
    """The source's rows under the contract's names.

    `rows`: the contract's columns in order, then `_source_position` (file:line, topic-partition@offset, or
    null). With `text` every contract column is a string, and `_corrupt` holds the raw text of a line that
    cannot be parsed or is not UTF-8, else null. Without `text` the columns have the source's own types.
    `extra_columns`: columns that only the source has; they are not in `rows`. `missing_columns`: columns that
    only the contract has; they are null in `rows`.
    """

    rows: DataFrame
    text: bool
    extra_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()


class Source(Protocol):
    """Where the rows of a bronze table come from."""

    def plan(self, position: Position, run_date: date) -> Position:
        """The end of the next batch for `run_date`; equal to `position` when there is nothing new."""

    def read(self, position: Position, until: Position) -> Extract:
        """The rows after `position` and not after `until`: the same each time, while the source has them."""


def require_source(contract: Contract) -> SourcedContract:
    """The contract with its source. Raises SourceError (RUN106) when it names none."""
    sourced = SourcedContract.of(contract)
    if sourced is None:
        raise SourceError(f"{contract.table}: its contract names no source", code="RUN106")
    return sourced
