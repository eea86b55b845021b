"""Compiles rules that need a row's neighbours or another table.

Each one counts the rows that may break it in a pass of its own, which reads few bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from glue_jobs.quality.bounds import Arguments, RuleError
from glue_jobs.quality.row_rules import column
from lakehouse.contracts.consistency_fit import fault_of_reference

Tables = Callable[[str], DataFrame]
COUNT = "__n"
KNOWN = "__known"
_LOOKUP = "__asked"


@dataclass(frozen=True)
class FrameRule:
    """A rule that compares rows of the table with each other.

    `considered` is null in the rows that the rule ignores. `unexpected` gives the rows that break it, with
    every column in `keep`. `suspects` is one row with the number of rows that may break it: 0 proves that the
    rule holds. With `exact`, these rows do break it.
    """

    considered: Column
    suspects: DataFrame
    unexpected: Callable[[], DataFrame]
    exact: bool


@dataclass(frozen=True)
class ReferenceRule:
    """A rule that looks values up in another table.

    `considered` is null in the rows that the rule ignores; every other value must be among those of `known`.
    The lookup is joined to the table's one pass: a pass of its own would open every file again. `unexpected`
    as in a FrameRule.
    """

    considered: Column
    known: DataFrame
    unexpected: Callable[[], DataFrame]

    def joined(self, df: DataFrame, name: str) -> DataFrame:
        """`df` with a boolean column `name`: whether the row's value is known.

        Only SQL's EXISTS asks just that. A join would need the known values without duplicates, and so a
        shuffle.
        """
        rows = df.withColumn(_LOOKUP, self.considered)
        exists = f"EXISTS (SELECT 1 FROM {{known}} k WHERE k.{KNOWN} = t.{_LOOKUP})"
        query = f"SELECT t.*, {exists} AS {name} FROM {{rows}} t"
        return df.sparkSession.sql(query, known=self.known, rows=rows).drop(_LOOKUP)


def unique(df: DataFrame, names: Sequence[str], keep: Sequence[str]) -> FrameRule:
    """Every row of a group of equal keys breaks it.

    A key of nulls only is ignored; a null in a key equals another one.

    The pass sees 8 bytes per row. Equal keys have equal hashes, so only rows whose hash occurs twice are
    compared by their real key.
    """
    key = [column(n) for n in names]
    present = _any_present(key)
    hashes = (
        df.filter(present)
        .select(F.xxhash64(*key).alias("__hash"))
        .groupBy("__hash")
        .agg(F.count(F.lit(1)).alias(COUNT))
        .filter(F.col(COUNT) > 1)
    )

    def unexpected() -> DataFrame:
        group = Window.partitionBy(*key)
        candidates = (
            df.filter(present)
            .select(*_columns(names, keep), F.xxhash64(*key).alias("__hash"))
            .join(hashes.select("__hash"), "__hash", "left_semi")
        )
        return candidates.withColumn(COUNT, F.count(F.lit(1)).over(group)).filter(F.col(COUNT) > 1)

    return FrameRule(
        F.when(present, 1),
        hashes.agg(F.coalesce(F.sum(COUNT), F.lit(0)).alias(COUNT)),
        unexpected,
        exact=False,
    )


def exists_in_table(df: DataFrame, kwargs: Arguments, keep: Sequence[str], tables: Tables) -> ReferenceRule:
    """Every value must exist in the other table; nulls are ignored. Raises `RuleError` for other kinds.

    Spark broadcasts the other column where it is small.
    """
    c = column(kwargs["column"])
    existing = tables(str(kwargs["table"])).select(column(kwargs["table_column"]).alias(KNOWN))
    kinds = [some.schema[0].dataType.simpleString() for some in (df.select(c), existing)]
    if fault := fault_of_reference(*kinds):
        raise RuleError(fault)

    def unexpected() -> DataFrame:
        present = df.filter(c.isNotNull()).select(*_columns(keep), c.alias("__value"))
        return present.join(existing, F.col("__value") == F.col(KNOWN), "left_anti")

    return ReferenceRule(c, existing, unexpected)


def contiguous(df: DataFrame, kwargs: Arguments, keep: Sequence[str]) -> FrameRule:
    """Intervals [valid_from, valid_to) of a key follow one another without gap or overlap.

    Only the last one is open, which is null, or the year 9999. A row breaks the rule when it does not end
    where the next one begins.
    """
    key, start, until = (
        list(map(str, kwargs["column_list"])),
        column(kwargs["valid_from"]),
        column(kwargs["valid_to"]),
    )
    end = F.when(F.year(until) < 9999, until)
    history = Window.partitionBy(*map(column, key)).orderBy(start.asc_nulls_first(), end.asc_nulls_last())
    next_rows = df.select(*_columns(keep, key, [kwargs["valid_from"], kwargs["valid_to"]])).withColumn(
        "__last", F.lead(F.lit(False), 1, True).over(history)
    )
    next_rows = next_rows.withColumn("__next", F.lead(start).over(history))
    ends_right = F.when(F.col("__last"), end.isNull()).otherwise(end.eqNullSafe(F.col("__next")))
    wrong = next_rows.filter(start.isNull() | (end <= start) | ~ends_right)
    return FrameRule(F.lit(1), _counted(wrong), lambda: wrong, exact=True)


def frame_rule(
    df: DataFrame, kind: str, kwargs: Arguments, keep: Sequence[str], tables: Tables
) -> FrameRule | ReferenceRule | None:
    """The rule of an expectation of type `kind`; None for other types.

    `keep` are the columns of its unexpected rows.
    """
    match kind:
        case "expect_column_values_to_be_unique":
            return unique(df, [str(kwargs["column"])], keep)
        case "expect_compound_columns_to_be_unique":
            return unique(df, list(map(str, kwargs["column_list"])), keep)
        case "expect_column_values_to_exist_in_table":
            return exists_in_table(df, kwargs, keep, tables)
        case "expect_intervals_to_be_contiguous":
            return contiguous(df, kwargs, keep)
        case _:
            return None


def _any_present(key: Sequence[Column]) -> Column:
    present = F.lit(False)
    for c in key:
        present = present | c.isNotNull()
    return present


def _columns(*names: Sequence[Any]) -> list[Column]:
    return [column(n) for n in dict.fromkeys(str(n) for some in names for n in some)]


def _counted(df: DataFrame) -> DataFrame:
    return df.agg(F.count(F.lit(1)).alias(COUNT))
