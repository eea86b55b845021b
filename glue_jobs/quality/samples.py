"""Collects the primary keys of failing rows, so that a person can find them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.quality.result import MAX_SAMPLES
from glue_jobs.quality.row_rules import column


def sample_keys(failing: Mapping[int, DataFrame], key: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """Rule → the smallest distinct keys of its failing rows, nulls first, as JSON objects.

    One query for all rules.
    """
    if not failing:
        return {}
    rows = reduce(DataFrame.unionAll, (_smallest(i, df, key) for i, df in failing.items())).collect()
    return {row["rule"]: tuple(row["keys"]) for row in rows}


def _smallest(rule: int, df: DataFrame, key: Sequence[str]) -> DataFrame:
    columns = [column(k) for k in key]
    smallest = (
        df.select(*columns).distinct().orderBy(*(c.asc_nulls_first() for c in columns)).limit(MAX_SAMPLES)
    )
    in_order = F.sort_array(F.collect_list(F.struct(*columns)))
    # Without the option a null in a key would vanish from it.
    return smallest.agg(
        F.lit(rule).alias("rule"),
        F.transform(in_order, lambda k: F.to_json(k, {"ignoreNullFields": "false"})).alias("keys"),
    )
