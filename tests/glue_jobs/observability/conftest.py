"""The events of a run, as they are stored."""

from __future__ import annotations

import os
from typing import Any

import pytest

from glue_jobs.observability.lineage import Dataset
from glue_jobs.observability.redact import register
from lakehouse.environments import Environment
from lakehouse.environments.names import Zone, bucket
from tests.buckets import create_bucket
from tests.glue_jobs.observability.lineage_run import ORDERS, RATES, SILVER, TOPIC, a_run, events_of


@pytest.fixture(scope="module")
def env(aws_env: Environment) -> Environment:
    create_bucket(aws_env, bucket(aws_env, Zone.ARTIFACTS))
    return aws_env


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OPENLINEAGE")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def events(env: Environment) -> dict[str, dict[str, Any]]:
    """One of each kind, with every facet that there is."""
    run = a_run(env)
    run.start([ORDERS, RATES, TOPIC], [Dataset("silver.orders", SILVER.columns)])
    run.progress([ORDERS], [SILVER])
    run.complete([ORDERS, RATES, TOPIC], [SILVER])
    register(["canary-in-lineage"])
    try:
        raise ValueError("refused canary-in-lineage")
    except ValueError as error:
        run.fail(error, [ORDERS], [Dataset("silver.orders")])
    return events_of(env, run)
