"""OpenLineage events: what was read and written, valid by the standard, and never in the way of a run."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from glue_jobs.observability.lineage import Lineage, LineageRun
from glue_jobs.observability.lineage_facets import dataset_name
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone, bucket


def test_each_event_is_an_object_in_order(events: dict[str, Any]) -> None:
    assert list(events) == ["001-START.json", "002-RUNNING.json", "003-COMPLETE.json", "004-FAIL.json"]
    assert [event["eventType"] for event in events.values()] == ["START", "RUNNING", "COMPLETE", "FAIL"]


def test_event_tells_of_run_parent_and_logical_date(env: Environment, events: dict[str, Any]) -> None:
    event = events["001-START.json"]
    facets = event["run"]["facets"]
    assert (event["job"]["namespace"], event["job"]["name"]) == (f"{env.project}/local", "bronze_to_silver")
    assert (facets["nominalTime"]["nominalStartTime"], facets["nominalTime"]["nominalEndTime"]) == (
        "2017-01-31T00:00:00Z",
        "2017-02-01T00:00:00Z",
    )
    assert facets["parent"]["job"]["name"] == "retail"
    assert (facets["processing_engine"]["name"], facets["processing_engine"]["version"]) == ("spark", "3.5.6")
    assert event["job"]["facets"]["jobType"]["processingType"] == "BATCH"


def test_datasets_are_named_by_the_rules_of_the_standard(env: Environment) -> None:
    assert dataset_name(env, "silver.orders") == (f"s3://{bucket(env, Zone.SILVER)}", "orders")
    assert dataset_name(env, "s3://landing/fx/") == ("s3://landing", "fx")
    assert dataset_name(env, "postgres://h:5432/db.gold.fact") == ("postgres://h:5432", "db.gold.fact")
    assert dataset_name(env, "s3://landing") == ("s3://landing", "/")


def test_output_tells_columns_where_they_come_from_and_rows(env: Environment, events: dict[str, Any]) -> None:
    (output,) = events["003-COMPLETE.json"]["outputs"]
    assert [(f["name"], f["type"], f["ordinal_position"]) for f in output["facets"]["schema"]["fields"]] == [
        ("order_id", "string", 1),
        ("amount_usd", "decimal(18,4)", 2),
    ]
    sources = {
        column: [(f["namespace"], f["name"], f["field"]) for f in sources["inputFields"]]
        for column, sources in output["facets"]["columnLineage"]["fields"].items()
    }
    bronze = (f"s3://{bucket(env, Zone.BRONZE)}", "snowflake_orders")
    assert sources == {
        "order_id": [(*bronze, "order_id")],
        "amount_usd": [(*bronze, "amount"), ("s3://landing", "fx", "rate")],
    }
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 8
    assert output["facets"]["dataQualityMetrics"]["columnMetrics"]["amount_usd"]["nullCount"] == 0
    inputs = events["003-COMPLETE.json"]["inputs"]
    assert inputs[0]["inputFacets"]["dataQualityMetrics"]["rowCount"] == 10
    assert [(i["namespace"], i["name"]) for i in inputs][2] == ("kafka://broker:9092", "order_events")


def test_failure_is_told_without_secrets(events: dict[str, Any]) -> None:
    error = events["004-FAIL.json"]["run"]["facets"]["errorMessage"]
    assert (error["message"], error["programmingLanguage"]) == ("refused ***", "PYTHON")
    assert "ValueError: refused ***" in error["stackTrace"]
    assert "canary-in-lineage" not in json.dumps(events)


def test_run_id_is_a_uuid(env: Environment) -> None:
    with pytest.raises(ValueError, match="badly formed"):
        Lineage(env, "j", "run-1", LineageRun(date(2017, 1, 1)))
    assert names.lineage_root(env).endswith("/lineage")
