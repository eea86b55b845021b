"""Source columns become the contract's: by name, and never with a silent loss."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from glue_jobs.contract import align_to_schema
from glue_jobs.errors import RunError
from lakehouse.contracts import Contract
from tests.glue_jobs.builders import frame


def test_columns_are_matched_by_name_whatever_their_order(spark: SparkSession, order: Contract) -> None:
    reordered = frame(
        spark,
        "kind string, email string, currency string, amount string, day string, id string",
        ("a", "a@b.c", "USD", "1.00", "2017-01-01", "7"),
    )
    row = align_to_schema(reordered, order, text=True).first()
    assert row is not None
    assert (row.id, str(row.day), row.currency) == (7, "2017-01-01", "USD")


def test_retyped_source_column_is_an_error_and_never_shifted_data(
    spark: SparkSession, order: Contract
) -> None:
    retyped = frame(
        spark, "id string, day date, amount decimal(8,2), currency string, email string, kind string"
    )
    with pytest.raises(RunError, match=r"RUN111 .*id: the source has string, the contract bigint"):
        align_to_schema(retyped, order, text=False)
