"""The Lakebase: a second database, with its own user, in the PostgreSQL that also replaces Redshift."""

from __future__ import annotations

from typing import Any

from lakehouse.environments import names

SECRET = "postgres"
USER = "lakebase"
DATABASE = "lakebase"


def secret(port: int, password: str) -> dict[str, Any]:
    """The value of its secret in Secrets Manager. The server has no certificate."""
    return {
        "host": "127.0.0.1",
        "port": port,
        "dbname": DATABASE,
        "user": USER,
        "password": password,
        "sslmode": "disable",
    }


def prepare(admin: dict[str, Any], password: str) -> None:
    """Create the database and its user, who owns one schema per layer. `admin`: connection of a superuser."""
    import psycopg
    from psycopg.sql import SQL, Identifier, Literal

    user, database = Identifier(USER), Identifier(DATABASE)
    with psycopg.connect(**admin, autocommit=True) as connection:
        connection.execute(SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(user, Literal(password)))
        connection.execute(SQL("CREATE DATABASE {}").format(database))
        # By default PostgreSQL lets every user into every database.
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
