"""Names that a query gives to queries and windows, and where they may be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from lakehouse.pipelines.sql_refusal import Refusal


def is_own_query(table: Any) -> bool:
    """Whether the name of a table is that of a WITH around it, or of an earlier part of its own WITH.

    Outside of its query, and before it is stated, the name would be that of any table of the catalog.
    """
    name, node = table.name.lower(), table
    while node.parent is not None:
        parent = node.parent
        if isinstance(node, exp.CTE):
            earlier = parent.expressions[: parent.expressions.index(node)]
        else:
            stated = next((with_ for with_ in parent.args.values() if isinstance(with_, exp.With)), None)
            earlier = stated.expressions if stated is not None and stated is not node else []
        if any(cte.alias.lower() == name for cte in earlier):
            return True
        node = parent
    return False


def missing_windows(tree: Any) -> Iterator[Refusal]:
    """Each `OVER name` whose query states no window of that name."""
    for window in tree.find_all(exp.Window):
        name = window.args.get("alias")
        select = window.find_ancestor(exp.Select)
        if name is None or select is None:
            continue
        stated = [each.this.name.lower() for each in select.args.get("windows") or ()]
        if name.name.lower() not in stated:
            message = f"names the window '{name.name}', which its query does not state"
            yield Refusal(message, int(name.meta.get("start", 0)), f"WINDOW {name.name} AS (…)")
