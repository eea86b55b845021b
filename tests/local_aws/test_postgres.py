"""The Redshift stand-in answers through psycopg."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

Secret = Callable[[str], dict[str, Any]]


def test_the_database_has_the_source_and_the_publish_schema(secret: Secret) -> None:
    with psycopg.connect(**secret("redshift")) as connection:
        schemas = {
            name for (name,) in connection.execute("SELECT schema_name FROM information_schema.schemata")
        }
    assert {"public", "gold"} <= schemas


def test_a_wrong_password_is_refused(secret: Secret) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**{**secret("redshift"), "password": "wrong"})
