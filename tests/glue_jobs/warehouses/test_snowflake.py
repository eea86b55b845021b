"""Statements for Snowflake itself, which no laptop has.

Publishing to its double is tested in test_publish.py.
."""

from __future__ import annotations

from glue_jobs.warehouses.snowflake import copy_sql
from tests.glue_jobs.dialects import parse_copy

URI = "s3://lakehouse-prod-checkpoints-000000000003/staging/job/run_id=1/orders/ab"


def test_snowflake_loads_a_folder_by_column_names() -> None:
    text = parse_copy(copy_sql('"ANALYTICS"."GOLD"."_S"', URI, "lake_s3"), "snowflake")
    assert text.startswith(f'COPY INTO "ANALYTICS"."GOLD"."_S" FROM \'{URI}/\'')
    assert "CASE_INSENSITIVE" in text
