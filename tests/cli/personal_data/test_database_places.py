"""A person is erased from what was published to warehouses, and from the Lakebase."""

from __future__ import annotations

from typing import Any, Literal

import psycopg
import pytest

from cli.personal_data.database_places import database_places
from cli.personal_data.scope import Place, Scope
from cli.personal_data.subject import Subject
from cli.personal_data.subject_tables import SubjectTable
from glue_jobs.aws import clients
from glue_jobs.observability.secrets import Secrets
from glue_jobs.state.lease import LeaseTakenError, lease
from lakehouse.contracts import Contract
from lakehouse.environments import Environment
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_type import JobType
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import job
from tests.glue_jobs.sources.systems import WarehouseTable, unique

COLUMNS: dict[str, Any] = {
    "customer_id": {"type": "string"},
    "name": {"type": ["string", "null"]},
    "changed_at": {"type": "string", "format": "date-time"},
}
# A text that would be more than a value, were it not bound.
VALUE = "O'Brien\" %s; --"


def of(**lake: Any) -> Contract:
    return contract(f"gold.{unique('people')}", COLUMNS, primary_key=["customer_id"], **lake)


def place(env: Environment, of: Contract, *jobs: Job) -> Place:
    env = env.model_copy(update={"lease_wait_seconds": 0})
    scope = Scope(env, clients(env).s3, Subject("customer_id", VALUE), list(jobs), unique("run"))
    (only,) = database_places(scope, SubjectTable(of, "customer_id"))
    return only


@pytest.mark.parametrize("warehouse", ["redshift", "snowflake"])
def test_a_warehouse_loses_the_rows_of_the_person_alone(
    local_env: Environment, warehouse: Literal["redshift", "snowflake"]
) -> None:
    people = of()
    send = job("send", type=JobType.PUBLISH, reads=(people.table,), warehouse=warehouse)
    rows, table = place(local_env, people, send), WarehouseTable(local_env, warehouse)
    assert rows.count() == rows.erase() == 0, "nothing is published yet"
    table.name = f"gold.{people.name}" if warehouse == "redshift" else f"ANALYTICS.GOLD.{people.name.upper()}"
    table.run("CREATE TABLE {t} (customer_id VARCHAR(100), name VARCHAR(100))")
    for value in (VALUE, "other", VALUE):
        table.run("INSERT INTO {t} VALUES (%s, 'n')", value)
    assert rows.count() == 2
    with lease(local_env, f"{warehouse}.{people.table}", "a publish"), pytest.raises(LeaseTakenError):
        rows.erase()
    assert rows.erase() == 2
    assert rows.count() == 0
    assert table.run("SELECT customer_id FROM {t}") == [("other",)]
    assert len(rows.left()) == 1


def test_the_lakebase_loses_rows_and_staged_rows_of_the_person_alone(local_env: Environment) -> None:
    served = of(store="postgres")
    rows = place(local_env, served)
    assert rows.count() == rows.erase() == 0, "the stream has written nothing yet"
    staging = f"_staging_{served.name}"
    with psycopg.connect(**Secrets(local_env).get("postgres"), autocommit=True) as connection:
        for name in (served.name, staging):
            connection.execute(f"CREATE TABLE gold_db.{name} (customer_id text, name text)")
            connection.execute(
                f"INSERT INTO gold_db.{name} (customer_id) VALUES (%s), (%s)", ("other", VALUE)
            )
        assert rows.count() == 2
        assert rows.erase() == 2
        assert rows.count() == 0
        for name in (served.name, staging):
            answer = connection.execute(f"SELECT customer_id FROM gold_db.{name}")
            assert answer.fetchall() == [("other",)]
        connection.execute(f"DROP TABLE gold_db.{staging}")
