"""The metrics of a run go out in one call, and an outage of CloudWatch fails no run."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from glue_jobs.aws import clients
from glue_jobs.observability.metrics import Metrics
from lakehouse.environments import Environment, names
from lakehouse.environments.prices import glue_cost_usd, load_prices


def stored(env: Environment, job: str) -> dict[tuple[str, str], float]:
    """Metric and table → the value, of one job."""
    answer = clients(env).cloudwatch.get_metric_data(
        MetricDataQueries=[
            {"Id": f"m{i}", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Sum"}}
            for i, metric in enumerate(metrics_of(env, job))
        ],
        StartTime="2020-01-01T00:00:00Z",
        EndTime="2100-01-01T00:00:00Z",
    )
    keys = [
        (m["MetricName"], next((d["Value"] for d in m["Dimensions"] if d["Name"] == "table"), ""))
        for m in metrics_of(env, job)
    ]
    return {key: sum(result["Values"]) for key, result in zip(keys, answer["MetricDataResults"], strict=True)}


def metrics_of(env: Environment, job: str) -> list[Any]:
    listed = clients(env).cloudwatch.list_metrics(
        Namespace=names.metrics_namespace(env), Dimensions=[{"Name": "job", "Value": job}]
    )
    assert all({"Name": "environment", "Value": env.name} in m["Dimensions"] for m in listed["Metrics"])
    return listed["Metrics"]


def test_run_sends_its_numbers_in_one_call(lossy: Any) -> None:
    lossy.proxy.engine.set_rules([{"service": "*", "latency": 1}])
    metrics = Metrics(lossy.env, "bronze_to_silver")
    metrics.emit_rowcount("silver.orders", 10)
    metrics.emit_rowcount("silver.orders", 5)
    metrics.emit_rowcount("silver.customers", 7)
    metrics.emit_critical_failures(0)
    metrics.emit_duration(90)
    assert metrics.flush()
    assert [event.service for event in lossy.fired] == ["cloudwatch"]
    assert stored(lossy.env, "bronze_to_silver") == {
        ("records_processed_total", "silver.customers"): 7,
        ("records_processed_total", "silver.orders"): 15,
        ("records_processed_total", ""): 22,
        ("dq_critical_failures", ""): 0,
        ("latency_seconds", ""): 90,
        ("cost_estimate_usd", ""): 0.022,
    }


def test_outage_of_metrics_is_logged_and_fails_nothing(lossy: Any, caplog: pytest.LogCaptureFixture) -> None:
    lossy.refuse("cloudwatch", "PutMetricData")
    metrics = Metrics(lossy.env, "j")
    metrics.emit_duration(1)
    with caplog.at_level(logging.ERROR):
        assert not metrics.flush()
    assert "2 metrics were not sent" in caplog.text
    lossy.heal()
    assert metrics.flush()
    assert metrics_of(lossy.env, "j") == []


def test_glue_bills_worker_hours_and_at_least_a_minute(aws_env: Environment) -> None:
    env = aws_env.model_copy(
        update={"glue": aws_env.glue.model_copy(update={"workers": 10, "worker_type": "G.2X"})}
    )
    prices = load_prices()
    assert glue_cost_usd(env, 3600) == pytest.approx(10 * 2 * prices.glue_dpu_hour_usd)
    assert (
        glue_cost_usd(env, 1)
        == glue_cost_usd(env, 60)
        == pytest.approx(10 * 2 * prices.glue_dpu_hour_usd / 60, abs=1e-6)
    )
    assert glue_cost_usd(env, 61) > glue_cost_usd(env, 60)
    flex = env.model_copy(update={"glue": env.glue.model_copy(update={"flex": True})})
    assert glue_cost_usd(flex, 3600) == pytest.approx(10 * 2 * prices.glue_flex_dpu_hour_usd)
