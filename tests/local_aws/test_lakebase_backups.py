"""A cluster that is restored from its backup has the rows that the Lakebase held then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from lakehouse.environments import Environment
from tests.local_aws.backup_world import BackupWorld

Secret = Callable[[str], dict[str, Any]]
TABLE = "gold_db.of_backups"


@pytest.fixture
def lakebase(secret: Secret) -> Iterator[dict[str, Any]]:
    login = secret("postgres")
    with psycopg.connect(**login, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {TABLE} (id int PRIMARY KEY, name text)")
        connection.execute(f"INSERT INTO {TABLE} VALUES (1, 'één'), (2, NULL)")
        yield login
        connection.execute(f"DROP TABLE {TABLE}")


def _rows(login: dict[str, Any]) -> list[tuple[Any, ...]]:
    with psycopg.connect(**login) as connection:
        return connection.execute(f"SELECT * FROM {TABLE} ORDER BY id").fetchall()


def test_a_restored_cluster_answers_with_the_rows_of_its_backup(
    local_env: Environment, lakebase: dict[str, Any], secret: Secret
) -> None:
    world = BackupWorld(local_env)
    rds, second = world.first.client("rds"), world.second.client("rds")
    engine = {"Engine": "aurora-postgresql", "DatabaseName": "lakebase"}
    cluster = rds.create_db_cluster(
        DBClusterIdentifier=world.name, MasterUsername="admin1", ManageMasterUserPassword=True, **engine
    )["DBCluster"]
    done = world.back_up(cluster["DBClusterArn"])
    assert (done["State"], done["ResourceType"]) == ("COMPLETED", "Aurora")
    with psycopg.connect(**lakebase, autocommit=True) as connection:
        connection.execute(f"DELETE FROM {TABLE} WHERE id = 1")
    copied = world.copy(done["RecoveryPointArn"])
    assert copied["State"] == "COMPLETED"
    restored = second.restore_db_cluster_from_snapshot(
        DBClusterIdentifier=f"{world.name}-restored",
        SnapshotIdentifier=copied["DestinationRecoveryPointArn"],
        Engine="aurora-postgresql",
    )["DBCluster"]
    address = {
        "host": restored["Endpoint"],
        "port": restored["Port"],
        "dbname": restored["DatabaseName"],
    }
    assert _rows({**lakebase, **address}) == [(1, "één"), (2, None)]
    assert _rows(lakebase) == [(2, None)]
    with psycopg.connect(**secret("redshift"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{restored["DatabaseName"]}"')
