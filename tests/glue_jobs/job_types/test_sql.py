"""A job of SQL files has a query for each of its tables."""

from __future__ import annotations

import pytest

from glue_jobs.errors import RunError
from glue_jobs.job_types.sql import Sql
from glue_jobs.sql_query import Query
from lakehouse.pipelines.sql import statements
from tests.glue_jobs.run_harness import job


def test_a_table_is_made_by_the_query_of_its_statement() -> None:
    sql = Sql(None, tuple(statements("CREATE TABLE gold.sums AS SELECT sum(amount) AS x FROM silver.orders")))
    query = sql.function("gold.sums")
    assert isinstance(query, Query)
    assert query.statement.reads == ("silver.orders",)


def test_a_table_without_a_query_is_an_error_with_a_code() -> None:
    with pytest.raises(RunError, match=r"RUN214 the job's SQL files have no query for gold\.other"):
        Sql.of(job()).function("gold.other")
