"""A person with a canary in every column goes through every room, is forgotten, and is nowhere."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pyspark.sql import SparkSession

from cli.personal_data.forget import run_erasure
from cli.personal_data.masking_key import MaskingKey
from glue_jobs.aws import clients
from glue_jobs.connections.snowflake import snowflake
from glue_jobs.observability.secrets import Secrets
from glue_jobs.state.audit import Audit, Counts
from glue_jobs.state.tombstones import lift_tombstone
from glue_jobs.warehouses.warehouse import WarehouseError
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Control, Zone
from tests.buckets import delete_bucket
from tests.cli.personal_data.canaries import hits, second_region, versions
from tests.cli.personal_data.people_world import BRONZE, EVENTS, GOLD, SERVED, People

WHO, OTHER = "canary-customer", "other-customer"
COLUMNS, DAYS = ("name", "email", "birth", "note"), (1, 2, 3, 4)
CANARIES = [WHO, *(f"{WHO}-{name}-{day}" for name in COLUMNS for day in DAYS)]
DATABASES = ["redshift", "lakebase", "snowflake"]
_LOGIN = ("host", "port", "dbname", "user", "password")


def row(who: str, day: int, **more: str) -> dict[str, str]:
    """Each column has a text of its own for each day."""
    texts = {name: f"{who}-{name}-{day}" for name in COLUMNS}
    return {"customer_id": who, **texts, "changed_at": f"2017-01-{day:02d}T00:00:00Z", **more}


@pytest.fixture
def people(local_env: Environment, spark: SparkSession) -> Iterator[People]:
    """The world of the process with versions of objects, and with a second region."""
    s3, second = clients(local_env).s3, second_region(local_env)
    buckets = [names.bucket(local_env, zone) for zone in Zone]
    for bucket in buckets:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    copies = [names.replica_bucket(local_env, zone) for zone in names.REPLICATED]
    for bucket in copies:
        location: Any = {"LocationConstraint": local_env.replica_region}
        second.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
        second.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    yield People(local_env, spark)
    lift_tombstone(local_env, "the end", "customer_id", WHO)
    for bucket in buckets:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    # Later tests of this process have a world without a second region.
    for bucket in copies:
        delete_bucket(second, bucket)


def replicate(env: Environment, since: datetime) -> None:
    for zone in names.REPLICATED:
        for key, data in versions(clients(env).s3, names.bucket(env, zone), since):
            second_region(env).put_object(Bucket=names.replica_bucket(env, zone), Key=key, Body=data)


def databases(env: Environment) -> dict[str, str]:
    """Database → every row of every table, as text."""
    return {
        "redshift": "\n".join(_postgres(env, env.redshift.secret)),
        "lakebase": "\n".join(_postgres(env, "postgres")),
        "snowflake": "\n".join(_snowflake(env)),
    }


def _postgres(env: Environment, secret: str) -> Iterator[str]:
    login = {k: v for k, v in Secrets(env).get(secret).items() if k in _LOGIN}
    with psycopg.connect(**login) as connection:  # type: ignore[arg-type]
        tables = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in tables:
            rows = connection.execute(f"SELECT row_to_json(t)::text FROM {table} t").fetchall()
            yield from (text for (text,) in rows)


def _snowflake(env: Environment) -> Iterator[str]:
    with (
        snowflake(env, Secrets(env), error=WarehouseError, code="RUN401") as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT TABLE_NAME FROM ANALYTICS.INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'GOLD'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT * FROM ANALYTICS.GOLD."{table}"')
            yield from map(str, cursor.fetchall())


def state(env: Environment) -> str:
    items: list[Any] = []
    for control in Control:
        pages = (
            clients(env).dynamodb.get_paginator("scan").paginate(TableName=names.control_table(env, control))
        )
        items += [item for page in pages for item in page["Items"]]
    return json.dumps(items, default=str)


def log_files() -> str:
    folder = Path(os.environ["LAKEHOUSE_OVERLAY"]).parent / "logs"
    return "\n".join(file.read_text(errors="replace") for file in folder.glob("*"))


def test_a_forgotten_person_is_in_no_byte_of_any_room(people: People) -> None:
    env = people.env
    people.drop("a.csv", row(WHO, 1), row(OTHER, 1))
    people.send(row(WHO, 1), row(OTHER, 1))
    people.run()
    broken = {k: v for k, v in row(WHO, 4).items() if k != "birth"}
    people.drop("b.csv.gz", row(WHO, 2), row(OTHER, 2), row(WHO, 3, changed_at="no time"), broken)
    people.send(row(WHO, 2), row(WHO, 3) | {"changed_at": "no time"})
    people.run()
    clients(env).s3.put_object(Bucket=names.bucket(env, Zone.ATHENA), Key="people/1.csv", Body=WHO.encode())
    replicate(env, people.begun)
    key = bytes.fromhex(MaskingKey.read(env).key)
    hashes = [hmac.new(key, c.encode(), hashlib.sha256).hexdigest() for c in CANARIES if "-email-" in c]

    held = {c for canaries in hits(env, CANARIES + hashes, people.begun).values() for c in canaries}
    # The record without a birth has no day 4 of it, and only what silver takes is hashed.
    assert held >= {c for c in CANARIES if c != f"{WHO}-birth-4"} | set(hashes[:2])
    assert [name for name, text in databases(env).items() if WHO in text] == DATABASES

    uri = run_erasure(people.erasure(WHO, "forgets-the-canary"))

    assert hits(env, CANARIES + hashes, people.begun) == {}
    texts = {**databases(env), "state": state(env), "logs": log_files()}
    assert [(name, c) for name, text in texts.items() for c in CANARIES + hashes if c in text] == []
    assert all(OTHER in texts[name] for name in DATABASES)
    erased = _certificate(env, uri)["erased"]
    assert erased[f"redshift {GOLD.table}"] == erased[f"snowflake {GOLD.table}"] == 1
    _check_that_nothing_brings_them_again(people)


def _check_that_nothing_brings_them_again(people: People) -> None:
    """The jobs go on where they were, and take no row of the person, be it right or broken."""
    env = people.env
    people.drop("c.csv", row(OTHER, 5), row(WHO, 1), row(WHO, 2, changed_at="no time"))
    people.send(row(OTHER, 5), row(WHO, 1), row(WHO, 2) | {"changed_at": "no time"})
    people.run()
    keys = list(hits(env, CANARIES, people.begun))
    assert {key.split("/")[0] for key in keys} == {"canary_people"}
    assert [key for key in keys if not key.endswith("/c.csv")] == []
    texts = databases(env)
    assert [name for name in DATABASES if WHO in texts[name] or f"{OTHER}-note-5" not in texts[name]] == []
    ingest, stream = Audit(env).list(job="canary_ingest")[0], Audit(env).list(job="canary_stream")[0]
    assert ingest.tables[BRONZE.table] == Counts(3, 1, 0, 2)
    assert stream.tables == {EVENTS.table: Counts(3, 1, 0, 2), SERVED.table: Counts(3, 1, 0, 2)}
    assert list(ingest.warnings) == [f"{BRONZE.table}: 2 rows of forgotten persons count as deduplicated"]


def _certificate(env: Environment, uri: str) -> dict[str, Any]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body: dict[str, Any] = json.loads(clients(env).s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return body
