"""Rules that need a row's neighbours or another table. Each counts its suspects in a pass of its own over few bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from glue_jobs.quality.row_rules import column

Tables = Callable[[str], DataFrame]
COUNT = "__n"
KNOWN = "__known"
_ASKED = "__asked"


@dataclass(frozen=True)
class FrameRule:
    """`considered` is null in the rows that the rule ignores. `unexpected` gives the rows that break it, with every column in `keep`.

    `suspects` is one row with the number of rows that may break it, none proves that it holds. `exact`: they do break it.
    """

    considered: Column
    suspects: DataFrame
    unexpected: Callable[[], DataFrame]
    exact: bool


@dataclass(frozen=True)
class ReferenceRule:
    """`considered` is null in the rows that the rule ignores; the others must be among the values of `known`.

    It is joined to the table's one pass: a pass of its own would open every file again. `unexpected` as in a FrameRule.
    """

    considered: Column
    known: DataFrame
    unexpected: Callable[[], DataFrame]

    def joined(self, df: DataFrame, name: str) -> DataFrame:
        """`df` with a column `name`: is the row's value among those that are known?

        Only SQL has a join that asks just that. Any other would need the known values without their duplicates, and so a shuffle of them.
        """
        asked = df.withColumn(_ASKED, self.considered)
        query = f"SELECT t.*, EXISTS (SELECT 1 FROM {{known}} k WHERE k.{KNOWN} = t.{_ASKED}) AS {name} FROM {{asked}} t"
        return df.sparkSession.sql(query, known=self.known, asked=asked).drop(_ASKED)


def unique(df: DataFrame, names: Sequence[str], keep: Sequence[str]) -> FrameRule:
    """All members of a group of equal keys break it. Keys that are all null are ignored, a null within a key equals another one.

    The pass sees 8 bytes per row. Equal keys have equal hashes, so only rows whose hash occurs twice are looked at again by their real key.
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


def exists_in_table(
    df: DataFrame, kwargs: Mapping[str, Any], keep: Sequence[str], tables: Tables
) -> ReferenceRule:
    """Nulls are ignored. Spark broadcasts the other table's column where it is small."""
    c = column(kwargs["column"])
    known = tables(str(kwargs["table"])).select(column(kwargs["table_column"]).alias(KNOWN))

    def unexpected() -> DataFrame:
        present = df.filter(c.isNotNull()).select(*_columns(keep), c.alias("__value"))
        return present.join(known, F.col("__value") == F.col(KNOWN), "left_anti")

    return ReferenceRule(c, known, unexpected)


def contiguous(df: DataFrame, kwargs: Mapping[str, Any], keep: Sequence[str]) -> FrameRule:
    """Intervals [valid_from, valid_to) of a key follow one another without gap or overlap; the last one, and no other, is open.

    Open is null, or the year 9999. The row that breaks it is the one that does not end where the next begins.
    """
    key, start, until = (
        list(map(str, kwargs["column_list"])),
        column(kwargs["valid_from"]),
        column(kwargs["valid_to"]),
    )
    end = F.when(F.year(until) < 9999, until)
    history = Window.partitionBy(*map(column, key)).orderBy(start.asc_nulls_first(), end.asc_nulls_last())
    following = df.select(*_columns(keep, key, [kwargs["valid_from"], kwargs["valid_to"]])).withColumn(
        "__last", F.lead(F.lit(False), 1, True).over(history)
    )
    following = following.withColumn("__next", F.lead(start).over(history))
    ends_right = F.when(F.col("__last"), end.isNull()).otherwise(end.eqNullSafe(F.col("__next")))
    wrong = following.filter(start.isNull() | (end <= start) | ~ends_right)
    return FrameRule(F.lit(1), _counted(wrong), lambda: wrong, exact=True)


def frame_rule(
    df: DataFrame, kind: str, kwargs: Mapping[str, Any], keep: Sequence[str], tables: Tables
) -> FrameRule | ReferenceRule | None:
    """The rule of an expectation of this kind, None where it is of another kind. `keep` are columns its unexpected rows shall have."""
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
    found = F.lit(False)
    for c in key:
        found = found | c.isNotNull()
    return found


def _columns(*names: Sequence[Any]) -> list[Column]:
    return [column(n) for n in dict.fromkeys(str(n) for some in names for n in some)]


def _counted(df: DataFrame) -> DataFrame:
    return df.agg(F.count(F.lit(1)).alias(COUNT))
