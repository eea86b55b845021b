"""Whether the columns of a file can be those of a contract."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from glue_jobs.sources.columnar.arrow_types import Fit, fit_of
from glue_jobs.sources.columns import match_columns
from glue_jobs.sources.csv_header import header_fault
from lakehouse.contracts import SourcedContract


def column_fault(schema: Any, contract: SourcedContract) -> str | None:
    """Why no row of a file with these columns can be one of the contract, or None."""
    if fault := header_fault(schema.names, contract):
        return fault.replace("in its header", "among its columns").replace(" in its first line", "")
    optional = tuple(replace(column, required=False) for column in contract.columns)
    mapping = match_columns(replace(contract, columns=optional), schema.names, "")
    for column in contract.columns:
        name = mapping.source_names.get(column.name)
        if name is not None and fit_in(schema, name, column.type, contract) is None:
            kind = schema.field(name).type
            return f"has column '{name}' as {kind}, and the contract takes {column.type}"
    return None


def fit_in(schema: Any, name: str, column_type: str, contract: SourcedContract) -> Fit | None:
    """How the values of a file's column become those of a column of the type."""
    return fit_of(schema.field(name).type, column_type, zoned=contract.source.time_zone is not None)
