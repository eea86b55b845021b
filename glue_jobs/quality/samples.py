"""Keys of failing rows, to find them by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.quality.result import SAMPLES
from glue_jobs.quality.row_rules import column


def sample_keys(failing: Mapping[int, DataFrame], key: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """The smallest distinct keys of each frame's rows, nulls first, as JSON objects; one query for all frames."""
    if not failing:
        return {}
    rows = reduce(DataFrame.unionAll, (_smallest(i, df, key) for i, df in failing.items())).collect()
    return {row["rule"]: tuple(row["keys"]) for row in rows}


def _smallest(rule: int, df: DataFrame, key: Sequence[str]) -> DataFrame:
    columns = [column(k) for k in key]
    few = df.select(*columns).distinct().orderBy(*(c.asc_nulls_first() for c in columns)).limit(SAMPLES)
    in_order = F.sort_array(F.collect_list(F.struct(*columns)))
    # Without the option a null in a key would vanish from it.
    return few.agg(
        F.lit(rule).alias("rule"),
        F.transform(in_order, lambda k: F.to_json(k, {"ignoreNullFields": "false"})).alias("keys"),
    )
