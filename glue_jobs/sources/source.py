"""What every kind of source answers: how far there is to read, and the rows between two positions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from glue_jobs.errors import RunError
from lakehouse.contracts import Contract, SourcedContract

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# What a source remembers of how far it was read: a JSON object, or None before the first read.
Position = dict[str, Any] | None


class SourceError(RunError):
    """A source is down (RUN101), lost what was not read yet (RUN104), or is not what the contract says (RUN102, RUN103, RUN105, RUN106)."""

    code = "RUN101"


@dataclass(frozen=True)
class Extract:
    """Rows as the source has them, under the contract's names.

    `rows`: one column per contract column, in its order, and `_source_position` (file:line, topic-partition@offset, or null).
    With `text` every contract column is a string, and `_corrupt` holds the raw text of a line that is not its format or not UTF-8, else null;
    otherwise the columns have the source's own types. `extra_columns` are the source's and not the contract's, and are not in `rows`;
    `missing_columns` are the contract's and not the source's, and are null in `rows`.
    """

    rows: DataFrame
    text: bool
    extra_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()


class Source(Protocol):
    def plan(self, position: Position, run_date: date) -> Position:
        """The position up to which a run of `run_date` reads, fixed before it does; equal to `position` when there is nothing new."""

    def read(self, position: Position, until: Position) -> Extract:
        """What lies after `position` and not after `until`: the same rows each time, as far as the source still has them."""


def require_source(contract: Contract) -> SourcedContract:
    """The contract with its source. Raises SourceError (RUN106) when it names none."""
    sourced = SourcedContract.of(contract)
    if sourced is None:
        raise SourceError(f"{contract.table}: its contract names no source", code="RUN106")
    return sourced
