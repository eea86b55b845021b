"""The contract decides the source; nothing is opened before it is planned or read."""

from __future__ import annotations

from typing import Any

import pytest

from glue_jobs.aws import clients
from glue_jobs.observability.secrets import Secrets
from glue_jobs.sources.incremental import IncrementalTable
from glue_jobs.sources.kafka import Kafka
from glue_jobs.sources.landing import Landing
from glue_jobs.sources.registry import source_for
from lakehouse.environments import load_environment
from tests.glue_jobs.sources.systems import source_contract


@pytest.mark.parametrize(
    ("kind", "name", "source"),
    [
        ("landing", "crm/accounts", Landing),
        ("kafka", "orders", Kafka),
        ("snowflake", "RETAIL.PUBLIC.ORDERS", IncrementalTable),
        ("redshift", "public.orders", IncrementalTable),
    ],
)
def test_every_kind_of_source_has_its_class(kind: str, name: str, source: type[Any]) -> None:
    env = load_environment("dev")
    no_spark: Any = None
    contract = source_contract(kind, name)
    made = source_for(contract, env, no_spark, Secrets(env), clients(env), "s3://bucket/staging")
    assert isinstance(made, source)
