"""The three config.json as the model has them: jobs, their order, their tables and their titles."""

from __future__ import annotations

from datetime import date

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.environments import load_environment
from lakehouse.pipelines import Pipeline, load_pipelines
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.params import evaluate

STREAMS = ("gap_injection_with_kafka", "kafka_to_lakebase")
BATCH = "kafka_traffic_pipeline"


@pytest.fixture(scope="module")
def loyalty() -> dict[str, Pipeline]:
    pipelines = load_pipelines()
    return {name: pipelines[name] for name in (*STREAMS, BATCH)}


def test_each_has_the_name_that_people_know_it_by(loyalty: dict[str, Pipeline]) -> None:
    assert {p.name: (p.kind, p.title) for p in loyalty.values()} == {
        "gap_injection_with_kafka": ("streaming", "Kafka Ingestion to Bronze"),
        "kafka_to_lakebase": ("streaming", "Kafka to Lakebase Streaming"),
        "kafka_traffic_pipeline": ("batch", "Traffic Data ETL Pipeline"),
    }


@pytest.mark.parametrize("name", STREAMS)
def test_streaming_pipeline_is_one_job_without_end(loyalty: dict[str, Pipeline], name: str) -> None:
    [job] = loyalty[name].jobs
    assert (job.name, job.kind, job.schedule, job.timeout_minutes) == (name, "streaming", "continuous", 0)
    params = {p.name: p for p in job.params}
    assert params["kafka_topic"].value == "traffic_events"
    assert params["connection"].secure
    assert job.reads == ()


def test_bronze_stream_fills_bronze(loyalty: dict[str, Pipeline]) -> None:
    [job] = loyalty["gap_injection_with_kafka"].jobs
    assert job.writes == ("bronze.kafka_data_bronze",)


def test_lakebase_streams_are_two_tasks_of_one_application_into_postgres(
    loyalty: dict[str, Pipeline],
) -> None:
    [job] = loyalty["kafka_to_lakebase"].jobs
    assert {p.name: (p.writes, p.depends_on) for p in job.procs} == {
        "kafka_to_postgres_ingestion": (("gold.kafka_data",), ()),
        "customer_stats_generator": (("gold.customer_stats",), ()),
    }
    assert {load_schemas().contracts[t].lake.store for t in job.writes} == {"postgres"}
    assert job.secrets == ("kafka", "postgres")


def test_batch_pipeline_makes_databases_then_two_tables_side_by_side_then_gold_each_after_its_gate(
    loyalty: dict[str, Pipeline],
) -> None:
    assert [{j.name for j in wave} for wave in loyalty[BATCH].levels()] == [
        {"setup_databases"},
        {"dq_traffic_events_gate"},
        {"traffic_data_clean", "user_engagement_summary"},
        {"dq_traffic_silver_gate"},
        {"traffic_data_enriched"},
        {"dq_traffic_gold_gate"},
    ]


def test_batch_jobs_name_the_tables_of_their_sql(loyalty: dict[str, Pipeline]) -> None:
    jobs = [j for j in loyalty[BATCH].jobs if j.type is JobType.SQL]
    assert {j.name: (j.reads, j.writes) for j in jobs} == {
        "setup_databases": ((), ()),
        "traffic_data_clean": (("bronze.kafka_data_bronze",), ("silver.traffic_data_cleaned",)),
        "user_engagement_summary": (("bronze.kafka_data_bronze",), ("silver.customer_engagement_summary",)),
        "traffic_data_enriched": (
            ("silver.traffic_data_cleaned", "silver.customer_engagement_summary"),
            ("gold.traffic_data_enriched", "gold.customer_locations"),
        ),
    }


def test_batch_jobs_have_three_hours_and_the_thresholds_as_numbers(loyalty: dict[str, Pipeline]) -> None:
    for job in loyalty[BATCH].jobs:
        assert job.timeout_minutes * 60 == 10_800
        values = {
            p.name: evaluate(p, run_date=date(2017, 1, 31), run_id="r", job_name=job.name) for p in job.params
        }
        assert values == {"minimum_score": 70, "new_days": 7, "window_days": 30}


def test_all_run_in_every_environment_once_at_a_time_and_tell_the_same_people(
    loyalty: dict[str, Pipeline],
) -> None:
    jobs = [job for p in loyalty.values() for job in p.jobs]
    for name in ("local", "dev", "staging", "prod"):
        assert all(job.runs_in(load_environment(name)) for job in jobs)
    assert {(job.failure_notification, job.owner, job.max_concurrent_runs) for job in jobs} == {
        ("loyalty@company.com", "loyalty_team", 1)
    }
