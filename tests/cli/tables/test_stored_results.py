"""`lakehouse dq results` shows what a gate found, and in which part of the table."""

from __future__ import annotations

from datetime import date

import pytest

from cli.tables.stored_results import HEADER, stored_results
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.quality.result import Result
from glue_jobs.quality.results import results_key, to_document
from glue_jobs.s3 import S3Uri
from lakehouse.environments import Environment, names
from tests.glue_jobs.sources.systems import unique

UNIQUE, COUNT = "expect_column_values_to_be_unique", "expect_table_row_count_to_be_between"


def store(env: Environment, table: str, run_id: str, day: date, *results: Result) -> None:
    document = to_document(table, results, run_id=run_id, run_date=day, job="gate")
    file = S3Uri.parse(names.dq_results_root(env)).child(results_key(table, day, run_id))
    clients(env).s3.put_object(Bucket=file.bucket, Key=file.key, Body=document.encode())


def test_newest_results_say_which_part_they_judged(local_env: Environment) -> None:
    table, day = f"silver.{unique('t')}", date(2017, 1, 31)
    rule = Result(table, UNIQUE, {"column": "id"}, "critical", True, 9, 0, 0, 0.0)
    store(local_env, table, "b", day, rule)
    part = "keys of day 2017-01-31 (versions 4 to 4)"
    broken = Result(table, UNIQUE, {"column": "id"}, "critical", False, 3, 0, 2, 66.7, part=part)
    whole = Result(table, COUNT, {"min_value": 1}, "warn", True, 9, observed_value=9)
    store(local_env, table, "a", day, broken, whole)
    newest, count = (dict(zip(HEADER, row, strict=True)) for row in stored_results(local_env, table, 1))
    assert newest["rule"] == "BROKEN"
    assert (newest["rows"], newest["unexpected"], newest["part"]) == (3, 2, part)
    assert (count["observed"], count["part"]) == (9, "the whole table")
    assert [row[2] for row in stored_results(local_env, table, 2)] == ["BROKEN", "held", "held"]


def test_table_that_no_gate_has_judged_is_an_error(local_env: Environment) -> None:
    with pytest.raises(RunError, match="no gate has stored a result"):
        stored_results(local_env, f"silver.{unique('t')}", 1)
