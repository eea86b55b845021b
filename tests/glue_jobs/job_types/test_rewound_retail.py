"""The retail pipeline's own dimension, spoiled and rewound by the jobs of its rows, with their functions."""

from __future__ import annotations

import json

import pytest
from polars.testing import assert_frame_equal
from pyspark.sql import SparkSession

from glue_jobs.run_request import RunRequest
from glue_jobs.runner import run_job
from lakehouse.environments import Environment, names
from lakehouse.pipelines import load_pipelines
from lakehouse.pipelines.rewind import RewindRequest, rewind_route
from tests.glue_jobs.job_types.late_harness import CUSTOMERS, Shop, day, expected, history, moment

TABLE = "gold.dim_customer"


@pytest.mark.slow
def test_the_retail_dimension_is_rewound_by_its_own_jobs(
    local_env: Environment, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEHOUSE_SECRET_PII_KEY", json.dumps({"key": "0123456789abcdef" * 4}))
    shop, rows = Shop(local_env, spark), history(1)
    shop.load(rows)
    moved = [{**row, "country": "GB", "updated_at": moment(9, 22)} for row in rows[CUSTOMERS][:3]]
    shop.load({CUSTOMERS: moved})
    uri = names.table_uri(shop.env, TABLE)
    versions = sorted(map(str, spark.read.format("delta").load(uri).collect()))
    spark.sql(f"UPDATE delta.`{uri}` SET country = 'XX' WHERE valid_since >= '2017-01-11'")
    spark.sql(f"DELETE FROM delta.`{uri}` WHERE customer_id = 2 AND is_current")
    assert sorted(map(str, spark.read.format("delta").load(uri).collect())) != versions
    route = rewind_route(load_pipelines()["retail"].jobs, shop.schemas.contracts, TABLE)
    assert route is not None
    for job, table in route.steps:
        request = RewindRequest(table, "dim_customer-1a2b", moment(1))
        run_job(shop.env, shop.schemas, spark, RunRequest(job, day(9), rewind=str(request)))
    assert sorted(map(str, spark.read.format("delta").load(uri).collect())) == versions
    assert_frame_equal(shop.facts(), expected({**rows, CUSTOMERS: [*rows[CUSTOMERS], *moved]}))
