"""Which column of a table names a person, as `customer_id` does."""

from __future__ import annotations

from lakehouse.contracts.contract import Contract


def column_of(contract: Contract, column: str) -> str | None:
    """The column of this name, else one that comes from such a column alone."""
    if column in contract.by_name:
        return column
    for candidate in contract.columns:
        names = {origin.rpartition(".")[2] for origin in candidate.lake.derived_from}
        if names == {column}:
            return candidate.name
    return None
