"""Base types of the warehouses that gold is published to: the Warehouse protocol and its error."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol

from glue_jobs.errors import RunError
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Mode = Literal["merge", "replace_days", "replace"]


class WarehouseError(RunError):
    """A warehouse is down (RUN401), lost rows (RUN402), differs from its contract (RUN403) or from the lake
    (RUN151), cannot hold a text (RUN152), or lacks a setting (RUN404).
    """

    code = "RUN401"


class Warehouse(Protocol):
    """Takes tables of gold. A publish is one transaction, and repeating it changes nothing."""

    def publish(
        self,
        contract: Contract,
        rows: DataFrame,
        *,
        mode: Mode,
        days: list[date] | None,
        run_id: str,
        total: int | None = None,
    ) -> int:
        """Publishes `rows` and returns their number. Creates a missing table and adds new nullable columns.

        `merge`: each row replaces the row of its primary key, and one that is true in a column `_deleted`
        only deletes it. `replace_days`: `rows` are all rows of `days`, by the contract's recompute_by column.
        `replace`: `rows` are all rows of the table. `total` is the number of rows that the table then has.
        Raises WarehouseError; RUN151 when the table would hold other rows, or another number of them. Then
        nothing is published.
        """
