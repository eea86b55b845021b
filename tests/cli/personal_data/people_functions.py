"""The transforms of the people of test_canaries.py."""

from __future__ import annotations

from pyspark.sql import DataFrame

_COLUMNS = ("customer_id", "name", "email", "birth", "note", "changed_at")


def canary_people(*, bronze_canary_people: DataFrame) -> DataFrame:
    return bronze_canary_people.select(*_COLUMNS)


def canary_customers(*, silver_canary_people: DataFrame) -> DataFrame:
    return silver_canary_people.select(*_COLUMNS)
