"""Where the columns of a query come from, by sqlglot, and the tags that they have by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage

from lakehouse.contracts.contract import Column, Contract
from lakehouse.contracts.masking import CLEAR, MASKED, NONE, PII
from lakehouse.pipelines.sql import Statement, word


class UnsureError(ValueError):
    """The tags of a column that nobody can tell but a person. The text says why."""


def origins_of(
    statement: Statement, names: Iterable[str], contracts: Mapping[str, Contract]
) -> dict[str, tuple[str, ...]]:
    """Column of a query → `<layer>.<table>.<column>` of what it is computed from.

    A column that sqlglot cannot follow is left out.
    """
    tables = {word(table): table for table in statement.reads}
    schema = {name: dict(contracts[table].stored) for name, table in tables.items()}
    origins: dict[str, tuple[str, ...]] = {}
    for name in names:
        try:
            nodes = list(lineage(name, statement.query, schema=schema, dialect="spark").walk())
        except (SqlglotError, ValueError, RecursionError):
            continue
        if any(_is_unsure(node, tables) for node in nodes):
            continue
        leaves = [node for node in nodes if isinstance(node.expression, exp.Table)]
        # sqlglot walks in another order in each process, and the file of the columns is committed.
        columns = {f"{tables[leaf.expression.name]}.{leaf.name.split('.')[-1]}" for leaf in leaves}
        origins[name] = tuple(sorted(columns))
    return origins


def _is_unsure(node: Node, tables: Mapping[str, str]) -> bool:
    """Whether a node ends at something else than a column of a stored table, or than a constant."""
    if isinstance(node.expression, exp.Table):
        return node.expression.name not in tables or node.name.endswith("*")
    if node.downstream:
        return False
    stars = [star for star in node.expression.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
    return bool(stars) or node.expression.find(exp.Column, exp.Table) is not None


def namesakes(
    names: Iterable[str], reads: Iterable[str], contracts: Mapping[str, Contract]
) -> dict[str, tuple[str, ...]]:
    """The same for a function that reads nothing personal: of a column that an input has by the same name.

    Where an input is personal, a name tells nothing of what a function puts under it.
    """
    inputs = [contracts[table] for table in reads if table in contracts]
    if any(_pii(column)[0] != NONE for of in inputs for column in of.columns):
        return {}
    named = {name: [f"{of.table}.{name}" for of in inputs if name in of.by_name] for name in names}
    return {name: tuple(origins) for name, origins in named.items() if origins}


def inherited(
    name: str, origins: tuple[str, ...] | None, reads: Iterable[str], contracts: Mapping[str, Contract]
) -> dict[str, Any]:
    """`tags` and `mask` of a column by what it is computed from: personal data stays personal data.

    `origins`: None where they cannot be told: then the column must be none where an input is personal. Raises
    UnsureError where a person must say it.
    """
    if origins is None:
        personal = [c.name for t in reads for c in contracts[t].columns if _pii(c)[0] != NONE]
        if personal:
            raise UnsureError(f"nothing says whether '{name}' holds some of '{personal[0]}'")
        return {"tags": {PII: NONE}}
    columns = [
        contracts[table].by_name[c]
        for table, _, c in (o.rpartition(".") for o in origins)
        if c in contracts[table].by_name
    ]
    kinds = dict.fromkeys(_pii(column) for column in columns if _pii(column)[0] != NONE)
    clear = [kind for kind in kinds if kind[0] != MASKED]
    if len({pii for pii, _ in clear}) > 1:
        raise UnsureError(f"'{name}' is of {' and '.join(pii for pii, _ in clear)}")
    pii, mask = (clear or list(kinds) or [(NONE, None)])[0]
    tags = {PII: pii}
    for key in dict.fromkeys(key for column in columns for key in column.lake.tags if key != PII):
        values = {column.lake.tags.get(key) for column in columns}
        if len(values) > 1:
            raise UnsureError(f"'{name}' comes from columns of different {key}")
        tags[key] = str(values.pop())
    return {"tags": tags, **({"mask": mask} if mask else {})}


def _pii(column: Column) -> tuple[str, str | None]:
    """(the tag, the mask) of what readers get of a column."""
    pii = column.lake.tags.get(PII, NONE)
    if pii in (NONE, MASKED):
        return pii, None
    return (pii, CLEAR) if column.lake.mask == CLEAR else (MASKED, None)
