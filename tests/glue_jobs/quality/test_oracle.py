"""Random rows: uniqueness, nulls and ranges against a few lines of plain Python."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from tests.glue_jobs.quality.helpers import judged, rule

VALUES = st.one_of(st.none(), st.integers(-3, 3))
TEXTS = st.one_of(st.none(), st.sampled_from(["", "a", "b", "A", "a ", "é", "e\u0301", "\x00"]))
TABLES = st.lists(st.tuples(VALUES, TEXTS), max_size=12)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=TABLES,
    low=st.integers(-3, 3),
    width=st.integers(0, 4),
    strict=st.booleans(),
    mostly=st.sampled_from([0.25, 0.5, 1.0]),
)
def test_counts_are_those_of_plain_python(
    spark: SparkSession, data: list[tuple[Any, Any]], low: int, width: int, strict: bool, mostly: float
) -> None:
    rows = [(i, *r) for i, r in enumerate(data)]
    bounds = {"min_value": low, "max_value": low + width, "strict_min": strict}
    rules = [
        rule("expect_column_values_to_not_be_null", column="n", mostly=mostly),
        rule("expect_column_values_to_be_unique", column="s", mostly=mostly),
        rule("expect_compound_columns_to_be_unique", column_list=["n", "s"], mostly=mostly),
        rule("expect_column_values_to_be_between", column="n", mostly=mostly, **bounds),
    ]
    pairs, texts = Counter((n, s) for _, n, s in rows), Counter(s for _, _, s in rows)
    broken = [
        (rows, [i for i, n, _ in rows if n is None]),
        ([r for r in rows if r[2] is not None], [i for i, _, s in rows if s is not None and texts[s] > 1]),
        (
            [r for r in rows if (r[1], r[2]) != (None, None)],
            [i for i, n, s in rows if (n, s) != (None, None) and pairs[n, s] > 1],
        ),
        (
            [r for r in rows if r[1] is not None],
            [i for i, n, _ in rows if n is not None and not (low + strict <= n <= low + width)],
        ),
    ]
    for result, (considered, wrong) in zip(
        judged(spark.createDataFrame(rows, "id int, n int, s string"), *rules), broken, strict=True
    ):
        assert (result.element_count, result.unexpected_count) == (len(rows), len(wrong))
        assert result.element_count - (result.missing_count or 0) == len(considered)
        assert result.success == (not considered or 1 - len(wrong) / len(considered) >= mostly - 1e-12)
        assert [json.loads(k)["id"] for k in result.sample_keys] == ([] if result.success else wrong[:5])
