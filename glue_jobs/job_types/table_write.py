"""One write of a built table: its specification, and the steps that several write modes share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract.validate import REJECT
from glue_jobs.errors import RunError
from glue_jobs.run_context import Batch, RunContext
from glue_jobs.tables import target as files
from glue_jobs.tables.day import Day
from glue_jobs.tables.row_counts import ObservedRows
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract
from lakehouse.contracts.masking import masks_on_write


@dataclass(frozen=True)
class TableWrite:
    """The rows that a batch makes for a table.

    `days` are the days to write; None is the whole table. `earlier` are the rows that the batches before made
    of the same inputs, where a write mode needs them. `again` are rows of these that look up something else
    now.
    """

    run: RunContext
    contract: Contract
    batch: Batch
    rows: DataFrame
    days: list[Day] | None = None
    earlier: DataFrame | None = None
    again: DataFrame | None = None

    def on_contract(self, rows: DataFrame) -> DataFrame:
        """`on_contract` of this table's contract."""
        return on_contract(rows, self.contract)

    def with_unknown_member(self, rows: DataFrame) -> DataFrame:
        """`rows` and the contract's unknown member: the row that facts without a dimension row point to."""
        member = self.contract.lake.unknown_member
        if not member:
            return rows
        texts = [tuple(_text(member.get(c.name)) for c in self.contract.columns)]
        ddl = ", ".join(f"`{name}` string" for name in self.contract.column_names)
        row = self.run.session.createDataFrame(texts, ddl).select(*typed(self.contract))
        return rows.unionByName(row, allowMissingColumns=True)

    def whole(self, target: Target, rows: DataFrame) -> None:
        """Writes all rows of the table in one commit: the first, or in place of those that it has."""
        if target.version < 0:
            files.append(target, rows)
        else:
            files.replace(target, rows)

    def accepted(self, observed: ObservedRows, columns: Sequence[str]) -> DataFrame:
        """The accepted rows as the table holds them: masked where its contract states a mask."""
        return self.run.masked(observed.accepted.select(*columns), masks_on_write(self.contract))

    def staged(
        self, observed: ObservedRows, columns: Sequence[str], more: Mapping[str, str] | None = None
    ) -> tuple[DataFrame, dict[str, Any]]:
        """The accepted rows in files, and their metrics.

        A MERGE reads its source twice and counts none of it. `more`: type of each column that the contract
        does not have.
        """
        folder = f"{self.run.staging_uri()}/{self.contract.table}"
        types = {name: self.contract.by_name[name].type for name in columns} | dict(more or {})
        self.accepted(observed, list(types)).write.mode("overwrite").parquet(folder)
        ddl = ", ".join(f"`{name}` {kind}" for name, kind in types.items())
        return self.run.session.read.schema(ddl).parquet(folder), observed.metrics()


def on_contract(rows: DataFrame, contract: Contract) -> DataFrame:
    """Exactly the contract's columns and types, with `_reject` where the function returns it.

    Raises RunError (RUN204) for a missing column.
    """
    missing = [name for name in contract.column_names if name not in rows.columns]
    if missing:
        raise RunError(
            f"{contract.table}: its function returns no column {', '.join(missing)}", code="RUN204"
        )
    reject = [REJECT] if REJECT in rows.columns else []
    return rows.select(*typed(contract), *reject)


def typed(contract: Contract) -> list[Column]:
    """The contract's columns, cast to its types."""
    return [F.col(c.name).cast(c.type).alias(c.name) for c in contract.columns]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
