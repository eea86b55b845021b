"""The Lakebase: a database of its own in the cluster that stands in for Redshift, with a user who sees nothing else of it."""

from __future__ import annotations

from typing import Any

from lakehouse.environments import names

SECRET = "postgres"
USER = "lakebase"
DATABASE = "lakebase"


def secret(port: int, password: str) -> dict[str, Any]:
    """What the platform finds in Secrets Manager."""
    return {"host": "127.0.0.1", "port": port, "dbname": DATABASE, "user": USER, "password": password}


def prepare(admin: dict[str, Any], password: str) -> None:
    """Create the database, and a schema for each layer that is its user's own. `admin`: how to log in as the one who may."""
    import psycopg
    from psycopg.sql import SQL, Identifier, Literal

    user, database = Identifier(USER), Identifier(DATABASE)
    with psycopg.connect(**admin, autocommit=True) as connection:
        connection.execute(SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(user, Literal(password)))
        connection.execute(SQL("CREATE DATABASE {}").format(database))
        # PostgreSQL lets everybody into every database, unless told otherwise.
        for name in (admin["dbname"], DATABASE, "postgres", "template1"):
            connection.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(Identifier(name)))
        connection.execute(SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, user))
    with psycopg.connect(**{**admin, "dbname": DATABASE}, autocommit=True) as connection:
        for layer in names.LAYERS:
            connection.execute(
                SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(
                    Identifier(names.lakebase_schema(layer)), user
                )
            )
