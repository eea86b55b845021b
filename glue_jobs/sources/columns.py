"""Maps the contract's columns to the source's columns, by name and never by position."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column as SparkColumn
from pyspark.sql import functions as F

from glue_jobs.sources.source import SourceError
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import Column
from lakehouse.contracts.spelling import folded

POSITION = "_source_position"
CORRUPT = "_corrupt"


@dataclass(frozen=True)
class ColumnMapping:
    """`source_names`: contract column → the source's spelling.

    `missing`: contract columns that the source lacks.

    `extra`: columns of the source that the contract does not know.
    """

    source_names: dict[str, str]
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    def source_of(self, column: Column) -> str:
        """The source's spelling, or the contract's where the source has no such column."""
        return self.source_names.get(column.name, column.source_name)


def match_columns(contract: Contract, source_columns: Sequence[str], source: str) -> ColumnMapping:
    """Maps contract columns to `source_columns`, whatever their spelling. `source`: its name in errors.

    Raises SourceError (RUN102) that names every missing required column with the nearest name there is.
    """
    spellings = {c.name: _spelling(c.source_name, source_columns, source) for c in contract.columns}
    source_names = {name: spelling for name, spelling in spellings.items() if spelling is not None}
    extra = tuple(name for name in source_columns if name not in source_names.values())
    missing = [c for c in contract.columns if c.name not in source_names]
    required = [c.source_name for c in missing if c.required]
    if required:
        raise SourceError(f"{contract.table}: {source} {_describe(required, extra)}", code="RUN102")
    return ColumnMapping(source_names, tuple(c.name for c in missing), extra)


def fold_spellings(contract: Contract, keys: Sequence[str]) -> list[str]:
    """`keys` without those that differ from an earlier one by case or normal form alone.

    A contract with two such columns of its own tells them apart, so all keys stay.
    """
    sources = [column.source_name for column in contract.columns]
    if len({folded(name) for name in sources}) < len(sources):
        return list(dict.fromkeys(keys))
    first: dict[str, str] = {}
    for key in sorted(keys, key=lambda key: key not in sources):
        first.setdefault(folded(key), key)
    return list(first.values())


def null_column(column: Column, *, text: bool) -> SparkColumn:
    """Null under the column's name: a string with `text`, else of the contract's type."""
    return F.lit(None).cast("string" if text else column.type).alias(column.name)


def _spelling(name: str, source_columns: Sequence[str], source: str) -> str | None:
    if name in source_columns:
        return name
    candidates = [column for column in source_columns if folded(column) == folded(name)]
    if len(candidates) > 1:
        raise SourceError(
            f"{source} has {' and '.join(sorted(candidates))}; either may be the contract's '{name}'",
            code="RUN102",
        )
    return candidates[0] if candidates else None


def _describe(required: list[str], extra: Sequence[str]) -> str:
    parts = [f"lacks column '{name}'{_nearest(name, extra)}" for name in required]
    unknown = f"; it has columns that the contract does not know: {', '.join(extra)}" if extra else ""
    return "; ".join(parts) + unknown


def _nearest(name: str, extra: Sequence[str]) -> str:
    by_casefold = {column.casefold(): column for column in extra}
    near = difflib.get_close_matches(name.casefold(), by_casefold, 1, 0.6)
    return f" (it has '{by_casefold[near[0]]}')" if near else ""
