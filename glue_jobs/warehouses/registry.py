"""Creates the warehouse that a job publishes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glue_jobs.warehouses.redshift import RedshiftWarehouse
from glue_jobs.warehouses.snowflake import SnowflakeWarehouse
from glue_jobs.warehouses.warehouse import Warehouse
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from glue_jobs.aws import Aws
    from glue_jobs.observability.secrets import Secrets


def warehouse_for(name: str, env: Environment, secrets: Secrets, aws: Aws, staging_uri: str) -> Warehouse:
    """The warehouse `name`: snowflake or redshift.

    It stages its files below `staging_uri` and deletes them afterwards.
    """
    if name == "snowflake":
        return SnowflakeWarehouse(env, secrets, aws, staging_uri)
    return RedshiftWarehouse(env, secrets, aws, staging_uri)
