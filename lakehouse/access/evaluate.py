"""Evaluates the grants: for each column of each table, whether a role sees it, in which rows, and by which
grant.

The tags of an expression are joined by AND, the values of a tag by OR; grants of a role add up. The stack
makes its grants from the same facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lakehouse.access.model import Grant, Policy, RowFilter
from lakehouse.contracts.contract import Contract
from lakehouse.contracts.masking import MASKED, NONE, PII

State = Literal["allowed", "masked", "denied"]


@dataclass(frozen=True)
class Seen:
    """One column as a role sees it.

    `rows` is empty where the role sees all rows; `by` is the grant or filter.
    """

    column: str
    pii: str
    state: State
    rows: str = ""
    by: str = ""


@dataclass(frozen=True)
class TableView:
    """One table as a role sees it.

    `described`: the role sees that the table exists, and the names of its columns.
    """

    table: str
    tags: dict[str, str]
    described: bool
    columns: tuple[Seen, ...]

    @property
    def shown(self) -> tuple[Seen, ...]:
        return tuple(c for c in self.columns if c.state != "denied")


def layer_tags(policy: Policy, layer: str) -> dict[str, str]:
    """The tags of a layer's database, which its tables and columns inherit."""
    return {
        key: value
        for key, tag in policy.tags.items()
        if (value := tag.layers.get(layer, tag.default)) is not None  # type: ignore[call-overload]
    }


def own_table_tags(policy: Policy, contract: Contract) -> dict[str, str]:
    """The tags by which a table differs from its database."""
    tags = {
        key: tag.tables.get(contract.table) or tag.owners.get(contract.lake.owner)
        for key, tag in policy.tags.items()
    }
    return {key: value for key, value in tags.items() if value is not None}


def table_tags(policy: Policy, contract: Contract) -> dict[str, str]:
    return layer_tags(policy, contract.layer) | own_table_tags(policy, contract)


def own_column_tags(contract: Contract, column: str) -> dict[str, str]:
    """The tags that a column's contract states; bronze's metadata columns have none."""
    column_fact = contract.by_name.get(column)
    return dict(column_fact.lake.tags) if column_fact else {}


def column_tags(policy: Policy, contract: Contract, column: str) -> dict[str, str]:
    return table_tags(policy, contract) | own_column_tags(contract, column)


def matches(expression: Mapping[str, Sequence[str]], tags: Mapping[str, str]) -> bool:
    """Whether something with these tags falls under the expression."""
    return all(tags.get(key) in values for key, values in expression.items())


def reaches(grant: Grant, contract: Contract, column: str, tags: Mapping[str, str]) -> bool:
    """Whether the grant covers the column."""
    if grant.tags is not None:
        return matches(grant.tags, tags)
    return grant.table == contract.table and (grant.columns is None or column in grant.columns)


def selects(policy: Policy, role: str, contract: Contract, column: str) -> Grant | None:
    """The first grant by which the role reads the column in every row."""
    tags = column_tags(policy, contract, column)
    return next(
        (
            g
            for g in policy.grants_of(role)
            if "select" in g.permissions and reaches(g, contract, column, tags)
        ),
        None,
    )


def table_view(policy: Policy, role: str, contract: Contract) -> TableView:
    """One table as a role sees it."""
    filters = [f for f in policy.filters_of(role) if f.table == contract.table]
    columns = tuple(_seen(policy, role, contract, name, filters) for name, _ in contract.stored)
    described = any(c.state != "denied" for c in columns) or _described(policy, role, contract)
    return TableView(contract.table, table_tags(policy, contract), described, columns)


def view(policy: Policy, role: str, contracts: Mapping[str, Contract]) -> Iterator[TableView]:
    """Every table as a role sees it."""
    return (table_view(policy, role, contract) for contract in contracts.values())


def _described(policy: Policy, role: str, contract: Contract) -> bool:
    tags = table_tags(policy, contract)
    return any(
        "describe" in g.permissions and reaches(g, contract, "", tags)
        for g in policy.grants_of(role)
        if g.columns is None
    )


def _seen(policy: Policy, role: str, contract: Contract, column: str, filters: list[RowFilter]) -> Seen:
    pii = column_tags(policy, contract, column).get(PII, NONE)
    shown: State = "masked" if pii == MASKED else "allowed"
    grant = selects(policy, role, contract, column)
    if grant is not None:
        return Seen(column, pii, shown, by=grant.text)
    column_filters = [f for f in filters if column in f.shown(contract)]
    if column_filters:
        return Seen(
            column,
            pii,
            shown,
            " or ".join(f.rows for f in column_filters),
            f"row filter {', '.join(f.name for f in column_filters)}",
        )
    return Seen(column, pii, "denied")
