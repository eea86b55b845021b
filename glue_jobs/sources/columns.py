"""Finds the contract's columns among the source's, by name and never by position."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glue_jobs.sources.source import SourceError
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import Column

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

POSITION = "_source_position"
CORRUPT = "_corrupt"


@dataclass(frozen=True)
class Matched:
    """`found`: contract name → the source's own spelling; columns that are nowhere are in `missing`, those of nobody in `extra`."""

    found: dict[str, str]
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    def source_of(self, column: Column) -> str:
        """The source's spelling, or the contract's where the source has no such column."""
        return self.found.get(column.name, column.source_name)


def match(contract: Contract, there: Sequence[str], where: str, *, given: Sequence[str] = ()) -> Matched:
    """Which source column is which contract column, whatever their case. `given`: contract columns that do not come from the source's rows.

    Raises SourceError (RUN102) that names every required column the source lacks, what it has instead, and the nearest name.
    """
    wanted = [c for c in contract.columns if c.name not in given]
    found = {c.name: name for c in wanted if (name := _spelling(c.source_name, there, where)) is not None}
    extra = tuple(name for name in there if name not in found.values())
    missing = [c for c in wanted if c.name not in found]
    required = [c.source_name for c in missing if c.required]
    if required:
        raise SourceError(f"{contract.table}: {where} {_what_is_wrong(required, extra)}", code="RUN102")
    return Matched(found, tuple(c.name for c in missing), extra)


def typed_null(column: Column, *, text: bool) -> SparkColumn:
    from pyspark.sql import functions as F

    return F.lit(None).cast("string" if text else column.type).alias(column.name)


def _spelling(name: str, there: Sequence[str], where: str) -> str | None:
    if name in there:
        return name
    alike = [other for other in there if other.casefold() == name.casefold()]
    if len(alike) > 1:
        raise SourceError(
            f"{where} has {' and '.join(sorted(alike))}; which of them is '{name}' cannot be told",
            code="RUN102",
        )
    return alike[0] if alike else None


def _what_is_wrong(required: list[str], extra: Sequence[str]) -> str:
    parts = [f"lacks column '{name}'{_instead(name, extra)}" for name in required]
    unknown = f"; it has columns that the contract does not know: {', '.join(extra)}" if extra else ""
    return "; ".join(parts) + unknown


def _instead(name: str, extra: Sequence[str]) -> str:
    plain = {other.casefold(): other for other in extra}
    near = difflib.get_close_matches(name.casefold(), plain, 1, 0.6)
    return f" (it has '{plain[near[0]]}')" if near else ""
