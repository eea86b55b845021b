"""The keys that a result shows of failing rows."""

from __future__ import annotations

import json

from pyspark.sql import SparkSession

from tests.glue_jobs.quality.helpers import judged, rule


def test_samples_are_the_five_smallest_distinct_keys_with_their_nulls(spark: SparkSession) -> None:
    keys = [(10, "z"), (9, "z"), (None, "b"), (2, None), (2, "a"), (2, "a"), (30, "c"), (None, None)]
    df = spark.createDataFrame([(k, s, None) for k, s in keys], "id int, part string, v string").repartition(
        3
    )
    result = judged(df, rule("expect_column_values_to_not_be_null", column="v"), key=("id", "part"))[0]
    expected = [(None, None), (None, "b"), (2, None), (2, "a"), (9, "z")]
    assert [json.loads(k) for k in result.sample_keys] == [{"id": i, "part": p} for i, p in expected]
