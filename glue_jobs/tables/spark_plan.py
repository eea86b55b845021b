"""Reads Spark's plans and expressions, which are Java objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def nodes(plan: Any, *, into_views: bool = True) -> Iterator[Any]:
    """A plan, the plans below it, and those of its subqueries and of its WITH.

    Without `into_views` nothing of a view: in the plan of a query, its tables are views.
    """
    if not into_views and kind_of(plan) == "View":
        return
    yield plan
    for child in [*each(plan.children()), *each(plan.innerChildren())]:
        yield from nodes(child, into_views=into_views)


def kind_of(node: Any) -> str:
    """The name of the Scala class of a plan or expression."""
    return str(node.getClass().getSimpleName())


def each(items: Any) -> Iterator[Any]:
    """The items of a Scala Seq."""
    return (items.apply(i) for i in range(items.size()))
