"""Describes the platform's tables as datasets of the lineage."""

from __future__ import annotations

from glue_jobs.observability.lineage_facets import Dataset
from lakehouse.contracts import Contract, Schemas
from lakehouse.contracts.contract import Column


def table_dataset(schemas: Schemas, table: str, rows: int | None = None) -> Dataset:
    """A table with its columns and, for each, the columns that its contract derives it from.

    `rows`: rows written.
    """
    contract = schemas.contracts[table]
    sources = {column.name: _derived_from(schemas, contract, column) for column in contract.columns}
    return Dataset(table, contract.stored, {name: pairs for name, pairs in sources.items() if pairs}, rows)


def _derived_from(schemas: Schemas, contract: Contract, column: Column) -> list[tuple[str, str]]:
    """(table, column) pairs: those of the contract, else the columns of that name in its driving tables."""
    declared = column.lake.derived_from or [
        f"{table}.{column.name}"
        for table in contract.lake.incremental_from
        if column.name in schemas.contracts[table].by_name
    ]
    return [(name.rsplit(".", 1)[0], name.rsplit(".", 1)[1]) for name in declared]
