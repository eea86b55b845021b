"""What a user of the Lakebase must have the right to."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from glue_jobs.errors import RunError
from glue_jobs.observability.secrets import Secrets
from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import unique
from tests.glue_jobs.warehouses.lakebase import EVENTS, Lakebase


def administer(env: Environment, *statements: Any) -> None:
    with psycopg.connect(
        **{**Secrets(env).get("redshift"), "dbname": "lakebase"}, autocommit=True
    ) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_user_with_rights_on_one_schema_alone_is_enough_and_one_without_is_refused(
    lakebase: Lakebase,
) -> None:
    user, password = unique("narrow"), unique("p")
    administer(
        lakebase.env,
        SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(Identifier(user), Literal(password)),
        SQL("GRANT CONNECT ON DATABASE lakebase TO {}").format(Identifier(user)),
    )
    writer = lakebase.writer_with(user=user, password=password)
    with pytest.raises(RunError, match="permission denied for schema gold_db") as fault:
        writer.upsert(lakebase.contract, lakebase.rows((1, "a", 1, False)), stream=lakebase.stream, batch=0)
    assert fault.value.code == "RUN422"
    assert password not in str(fault.value)
    lakebase.write(0)
    administer(
        lakebase.env,
        SQL("GRANT USAGE, CREATE ON SCHEMA gold_db TO {}").format(Identifier(user)),
        SQL("GRANT SELECT, INSERT, DELETE ON gold_db._batches TO {}").format(Identifier(user)),
    )
    contract = lakebase.of(EVENTS, name=unique("narrow"))
    assert writer.upsert(contract, lakebase.rows((1, "a", 1, False)), stream=lakebase.stream, batch=0) == 1
    with psycopg.connect(**{**lakebase.secret, "user": user, "password": password}) as connection:
        assert connection.execute(f"SELECT count(*) FROM gold_db.{contract.name}").fetchone() == (1,)
