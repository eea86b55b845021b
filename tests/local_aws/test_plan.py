"""The plan reaches the supervisor as JSON, with everything that the caller put into it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from lakehouse.environments import load_environment
from local_aws.plan import Plan

PLAN = Plan(
    workdir=Path("work"),
    environment=load_environment("local"),
    services=["aws", "kafka"],
    ports={"aws": 4566},
    source_databases={"RETAIL": "PUBLIC"},
    cache=Path("cache"),
    spark_jars=Path("spark"),
    kafka_jars=Path("kafka"),
    java_options={"kafka": ["-Xmx256m"]},
    owner=1,
    idle_seconds=60.0,
)


def test_plan_is_the_same_after_its_way_through_json() -> None:
    assert Plan.model_validate_json(PLAN.model_dump_json()) == PLAN


def test_plan_without_its_services_is_refused() -> None:
    with pytest.raises(ValidationError, match="services"):
        Plan.model_validate(PLAN.model_dump(exclude={"services"}))
