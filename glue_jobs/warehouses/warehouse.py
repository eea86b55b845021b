"""What every warehouse that gold is published to can do."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol

from glue_jobs.errors import RunError
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Mode = Literal["merge", "replace_days", "replace"]


class WarehouseError(RunError):
    """A warehouse is down (RUN401), did not take every row (RUN402), holds another shape of table (RUN403), or lacks a setting (RUN404)."""

    code = "RUN401"


class Warehouse(Protocol):
    """A warehouse. What is published is there wholly or not at all, and publishing it again changes nothing."""

    def publish(
        self, contract: Contract, rows: DataFrame, *, mode: Mode, days: list[date] | None, run_id: str
    ) -> int:
        """Rows loaded by this call.

        `merge`: each takes the place of the row of its primary key. `replace_days`: `rows` are all rows of `days`, by the contract's
        recompute_by column. `replace`: all rows of the table. A missing table is made, a new nullable column is added.
        """
