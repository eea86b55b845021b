"""The name of a warehouse decides its class."""

from __future__ import annotations

from typing import Any

import pytest

from glue_jobs.aws import clients
from glue_jobs.observability.secrets import Secrets
from glue_jobs.warehouses.redshift import RedshiftWarehouse
from glue_jobs.warehouses.registry import warehouse_for
from glue_jobs.warehouses.snowflake import SnowflakeWarehouse
from lakehouse.environments import load_environment


@pytest.mark.parametrize(
    ("name", "warehouse"), [("snowflake", SnowflakeWarehouse), ("redshift", RedshiftWarehouse)]
)
def test_every_warehouse_has_its_class(name: str, warehouse: type[Any]) -> None:
    env = load_environment("dev")
    assert isinstance(warehouse_for(name, env, Secrets(env), clients(env), "s3://bucket/staging"), warehouse)
