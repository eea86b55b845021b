"""Statements for Redshift itself, which no laptop has."""

from __future__ import annotations

from glue_jobs.warehouses.redshift import copy_sql
from tests.glue_jobs.dialects import parse_copy

URI = "s3://lakehouse-prod-checkpoints-000000000003/staging/job/run_id=1/orders/ab"


def test_redshift_loads_a_folder_of_parquet() -> None:
    text = parse_copy(copy_sql('"s"', URI, "arn:aws:iam::1:role/x"), "redshift")
    assert text.startswith(f"COPY \"s\" FROM '{URI}/'")
    assert "'arn:aws:iam::1:role/x'" in text
    assert "PARQUET" in text


def test_a_role_with_a_quote_stays_one_literal() -> None:
    assert "IAM_ROLE 'a''b'" in copy_sql('"s"', URI, "a'b")
