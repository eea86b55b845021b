"""Which columns of silver and gold hold keyed hashes, and of which columns of bronze."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lakehouse.contracts.contract import Contract
from lakehouse.contracts.masking import MASKED, PII


@dataclass(frozen=True)
class HashedColumn:
    """A column that holds hashes. `origins` are the bronze columns, `<table>.<column>`, that they are of.

    Without origins nothing holds the values any more: the table masks what a topic brings.
    """

    table: str
    column: str
    origins: tuple[str, ...]


def hashed_columns(contracts: Mapping[str, Contract]) -> list[HashedColumn]:
    """Every column outside bronze whose values the masking key has hashed."""
    hashed = []
    for table, contract in contracts.items():
        for column in contract.columns if contract.layer != "bronze" else ():
            origins = tuple(dict.fromkeys(_origins(contracts, table, column.name, frozenset())))
            is_hashed = column.lake.mask == "hash"
            if is_hashed or (origins and column.lake.tags.get(PII) == MASKED and column.type == "string"):
                hashed.append(HashedColumn(table, column.name, origins))
    return hashed


def _origins(
    contracts: Mapping[str, Contract], table: str, name: str, on_the_way: frozenset[str]
) -> Iterator[str]:
    """The bronze columns with the mask `hash` that a column is derived from, through any tables between."""
    address = f"{table}.{name}"
    column = contracts[table].by_name.get(name) if table in contracts else None
    if column is None or address in on_the_way:
        return
    if table.startswith("bronze."):
        if column.lake.mask == "hash":
            yield address
        return
    for origin in column.lake.derived_from:
        parent, _, parent_column = origin.rpartition(".")
        yield from _origins(contracts, parent, parent_column, on_the_way | {address})
