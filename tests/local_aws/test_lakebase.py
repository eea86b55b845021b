"""The Lakebase has its own user and database in the shared PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from lakehouse.environments import names

Secret = Callable[[str], dict[str, Any]]


def test_the_user_of_the_lakebase_sees_nothing_else(secret: Secret) -> None:
    lakebase, redshift = secret("postgres"), secret("redshift")
    assert (lakebase["host"], lakebase["port"]) == (redshift["host"], redshift["port"])
    assert lakebase["password"] != redshift["password"]
    for database in (redshift["dbname"], "postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match=f'permission denied for database "{database}"'):
            psycopg.connect(**{**lakebase, "dbname": database})
    with psycopg.connect(**lakebase, autocommit=True) as connection:
        rights = "rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls"
        assert (
            connection.execute(f"SELECT {rights} FROM pg_roles WHERE rolname = current_user").fetchone()
            == (False,) * 5
        )
        for layer in names.LAYERS:
            connection.execute(f"CREATE TABLE {names.lakebase_schema(layer)}.probe ()")
            connection.execute(f"DROP TABLE {names.lakebase_schema(layer)}.probe")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE SCHEMA more")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("COPY (SELECT 1) TO '/tmp/probe'")
