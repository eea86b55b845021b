"""What is refused in a query, and where."""

from __future__ import annotations

from dataclasses import dataclass

WANTED = "a query of Spark SQL"


@dataclass(frozen=True)
class Refusal:
    """A piece of a query that is refused; `offset` is where it begins in the query."""

    message: str
    offset: int
    expected: str = WANTED
