"""Asks a table by key: for rows that share a key with changed ones, and for values that others refer to.

The bounds of the keys let Delta pass over files; where keys follow time, these are all but the newest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DataType

from glue_jobs.job_types.gate_part import REMOVED, ChangedPart
from glue_jobs.quality.row_rules import column
from glue_jobs.tables import read

# More ranges than these are one: Delta compares each file with every range.
_MAX_RANGES = 64
_BOUNDED = (
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "float",
    "double",
    "date",
    "timestamp",
    "string",
    "decimal",
)


def new_keys(part: ChangedPart, columns: Sequence[str]) -> DataFrame:
    """The keys that the table has more often than it had: only these may be there twice.

    Of the rows of whole days, all keys.
    """
    keys = [column(name) for name in columns]
    if part.day is not None:
        return part.rows.select(*keys)
    one, less = F.lit(1).alias("_n"), F.lit(-1).alias("_n")
    counted = part.added.select(*keys, one).unionAll(part.removed.select(*keys, less))
    return counted.groupBy(*keys).agg(F.sum("_n").alias("_n")).where("_n > 0").drop("_n")


def changed_keys(part: ChangedPart, columns: Sequence[str]) -> DataFrame:
    """The keys of rows that came, went or are others now."""
    keys = [column(name) for name in columns]
    return part.added.select(*keys).unionAll(part.removed.select(*keys)).distinct()


@dataclass(frozen=True)
class Bounds:
    """The least and the greatest value of some columns, once for each group of rows.

    `types` holds the columns that have such values, `ranges` a row of `low_<column>` and `high_<column>` for
    each group.
    """

    types: Mapping[str, DataType]
    ranges: Sequence[Row]

    @classmethod
    def of(cls, rows: DataFrame, names: Iterable[str], day: str | None = None) -> Bounds:
        """The bounds of columns of `rows`, by its column `day` where it has one, in one pass."""
        types = {n: rows.schema[n].dataType for n in dict.fromkeys(names)}
        types = {n: kind for n, kind in types.items() if kind.simpleString().startswith(_BOUNDED)}
        if not types:
            return cls(types, [])
        # As text: a collected time would be in the time zone of this process.
        bounds = [
            of(column(n)).cast("string").alias(f"{name}_{n}")
            for n in types
            for name, of in (("low", F.min), ("high", F.max))
        ]
        by = [column(day)] if day in rows.columns else []
        ranges = rows.groupBy(*by).agg(*bounds).limit(_MAX_RANGES + 1).collect()
        if len(ranges) > _MAX_RANGES:
            ranges = rows.agg(*bounds).collect()
        return cls(types, ranges)

    def near(self, columns: Mapping[str, str]) -> Column:
        """A condition on a table that every row meets which equals one of the rows in all columns.

        `columns`: column of the rows → column of the table.
        """
        bounded = {n: column(c) for n, c in columns.items() if n in self.types}
        if not bounded:
            return F.lit(True)

        def within(n: str, low: str | None, high: str | None) -> Column:
            c, kind = bounded[n], self.types[n]
            between = c.between(F.lit(low).cast(kind), F.lit(high).cast(kind))
            return c.isNull() if low is None else between | c.isNull()

        def within_all(row: Row) -> Column:
            return reduce(and_, (within(n, row[f"low_{n}"], row[f"high_{n}"]) for n in bounded))

        return reduce(or_, map(within_all, self.ranges), F.lit(False))


def sharing(whole: DataFrame, keys: DataFrame, columns: Sequence[str], bounds: Bounds) -> DataFrame:
    """The rows of `whole` that have one of `keys`, whose bounds are known; null equals null."""
    candidates = whole.where(bounds.near({name: name for name in columns}))
    renamed = {name: f"_key_{n}" for n, name in enumerate(columns)}
    distinct = keys.select(*[column(name).alias(alias) for name, alias in renamed.items()]).distinct()
    same = reduce(and_, (column(name).eqNullSafe(F.col(alias)) for name, alias in renamed.items()))
    return candidates.join(distinct, same, "left_semi")


def lost_values(session: SparkSession, uri: str, name: str, known: DataFrame, since: int, until: int) -> bool:
    """Whether a value of a column that a table had at `since` is not among `known`, its rows at `until`."""
    if since == until:
        return False
    before = read.changes(session, uri, since, until).where(F.col("_change_type").isin(*REMOVED))
    values = before.select(column(name)).where(column(name).isNotNull()).distinct()
    candidates = known.where(Bounds.of(values, [name]).near({name: name})).select(column(name))
    return not values.join(candidates, name, "left_anti").isEmpty()
