"""The log of batches knows what each batch of a stream wrote, in the table's own transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from glue_jobs.connections.postgres import Login
from glue_jobs.observability.secrets import Secrets
from glue_jobs.warehouses import batch_log
from glue_jobs.warehouses.postgres_table import LakebaseTable
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract
from tests.glue_jobs.sources.systems import unique


@pytest.fixture
def connection(local_env: Environment) -> Iterator[psycopg.Connection[Any]]:
    with Login.of(Secrets(local_env).get("postgres")).session() as session:
        batch_log.create(session, "gold_db")
        yield session


@pytest.fixture
def table() -> LakebaseTable:
    return LakebaseTable.of(contract(f"gold.{unique('t')}", store="postgres"))


def test_a_batch_is_recorded_with_its_rows(connection: psycopg.Connection[Any], table: LakebaseTable) -> None:
    assert batch_log.recorded(connection, table, "s", 3) is None
    batch_log.record(connection, table, "s", 3, 7)
    assert batch_log.recorded(connection, table, "s", 3) == (7,)
    assert batch_log.recorded(connection, table, "s", 4) is None
    assert batch_log.recorded(connection, table, "another", 3) is None


def test_an_older_batch_counts_as_recorded_though_its_rows_are_not_known(
    connection: psycopg.Connection[Any], table: LakebaseTable
) -> None:
    batch_log.record(connection, table, "s", 3, 7)
    assert batch_log.recorded(connection, table, "s", 2) == (None,)


def test_entries_that_no_retry_needs_are_deleted(
    connection: psycopg.Connection[Any], table: LakebaseTable
) -> None:
    batch_log.record(connection, table, "s", 1, 7)
    batch_log.record(connection, table, "s", 1500, 8)
    assert batch_log.recorded(connection, table, "s", 1) == (None,)
    assert batch_log.recorded(connection, table, "s", 1500) == (8,)


def test_a_batch_of_a_transaction_that_fails_is_not_recorded(
    connection: psycopg.Connection[Any], table: LakebaseTable
) -> None:
    with connection.transaction(force_rollback=True):
        batch_log.record(connection, table, "s", 3, 7)
    assert batch_log.recorded(connection, table, "s", 3) is None
