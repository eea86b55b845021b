"""Comments of published tables are the descriptions of their contracts, character by character."""

from __future__ import annotations

from glue_jobs.aws import clients
from glue_jobs.connections.redshift import redshift
from glue_jobs.connections.sql_names import quoted
from glue_jobs.observability.secrets import Secrets
from glue_jobs.warehouses.redshift import SCHEMA, RedshiftWarehouse
from glue_jobs.warehouses.sql_table import sql_table
from glue_jobs.warehouses.warehouse import WarehouseError
from lakehouse.contracts.sink_types import REDSHIFT
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract
from tests.glue_jobs.sources.systems import unique

TEXT = "100 % of the owner's rows, %s and %% among them"


def test_a_percent_sign_of_a_description_stays_one(local_env: Environment) -> None:
    columns = {"id": {"type": "integer", "description": TEXT}}
    published = contract(f"gold.{unique('commented')}", columns, sequence="id")
    table = sql_table(published, quoted(SCHEMA), REDSHIFT, str.lower)
    secrets = Secrets(local_env)
    warehouse = RedshiftWarehouse(local_env, secrets, clients(local_env), "s3://unused/staging")
    with redshift(local_env, secrets, error=WarehouseError, code="RUN401") as connection:
        cursor = connection.cursor()
        warehouse._prepare(cursor, table)
        name = f"{SCHEMA}.{published.name}"
        cursor.execute("SELECT col_description(%s::regclass, 1)", (name,))
        assert cursor.fetchone() == (TEXT,)
