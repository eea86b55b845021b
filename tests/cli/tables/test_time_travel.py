"""A query reads tables as they were: by version, by moment, by day, each table by its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from cli.tables.time_travel import with_views
from cli.tables.versions import commits, open_table
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_keys
from lakehouse.environments import Environment, names
from tests.cli.calls import Call
from tests.cli.tables.delta_world import forget, rows, write

TABLE = "silver.products"


@pytest.fixture
def versions(local_env: Environment) -> Iterator[Environment]:
    forget(local_env, TABLE)
    for number in range(3):
        write(local_env, TABLE, rows((number, "n", Decimal(1))))
    yield local_env
    forget(local_env, TABLE)


def asked(lakehouse: Call, sql: str, *arguments: str) -> Any:
    answer = lakehouse("query", sql, "--env", "local", "--json", *arguments)
    return json.loads(answer.out) if answer.code == 0 else answer.err


COUNT = "SELECT count(*) AS n FROM silver.products"


@pytest.mark.parametrize(
    ("sql", "arguments", "number"),
    [
        (COUNT, [], 3),
        (COUNT, ["--version", "0"], 1),
        (f"{COUNT} VERSION AS OF 1", [], 2),
        (f"{COUNT} for version as of 1 AS p WHERE p.product_id >= 0", [], 2),
        (f"{COUNT} VERSION AS OF 1 p WHERE p.product_id >= 0", [], 2),
        (f"{COUNT} VERSION AS OF 0 WHERE products.product_id = 0", [], 1),
        (f"{COUNT} VERSION AS OF 1", ["--as-of", "2999-01-01"], 2),
        (COUNT, ["--as-of", "2999-01-01"], 3),
        (f"{COUNT} TIMESTAMP AS OF '2999-01-01'", [], 3),
        ("SELECT 1 AS n WHERE 'silver.products VERSION AS OF 9' <> ''", [], 1),
        (
            "SELECT count(*) AS n FROM silver.products n ANTI JOIN silver.products VERSION AS OF 0 o "
            "ON n.product_id = o.product_id",
            [],
            2,
        ),
    ],
)
def test_a_query_reads_the_state_that_it_names(
    sql: str, arguments: list[str], number: int, versions: Environment, lakehouse: Call
) -> None:
    assert asked(lakehouse, sql, *arguments) == [{"n": number}]


def test_a_moment_is_the_state_of_the_last_commit_before_it(versions: Environment, lakehouse: Call) -> None:
    second = next(c.at for c in commits(open_table(versions, TABLE)) if c.version == 1)
    assert asked(lakehouse, f"{COUNT} TIMESTAMP AS OF '{second.isoformat()}'") == [{"n": 2}]


@pytest.mark.parametrize(
    ("sql", "arguments", "message"),
    [
        (f"{COUNT} VERSION AS OF 9", [], "RUN604 silver.products has no version 9: its log has versions 0 ("),
        (f"{COUNT} VERSION AS OF 'x'", [], "RUN604 VERSION AS OF x: wanted a whole number"),
        (f"{COUNT} TIMESTAMP AS OF 'yesterday'", [], "RUN604 'yesterday' is no version and no time"),
        (COUNT, ["--as-of", "2017-01-31"], "RUN604 silver.products has no state of 2017-01-31T23:59:59"),
        (f"{COUNT}, silver.orders", ["--version", "1"], "RUN604 each table counts its own versions"),
        (COUNT, ["--lakebase", "--version", "1"], "the Lakebase keeps no old versions"),
    ],
)
def test_a_state_that_is_none_is_said(
    sql: str, arguments: list[str], message: str, versions: Environment, lakehouse: Call
) -> None:
    assert message in " ".join(asked(lakehouse, sql, *arguments).replace("│", " ").split())


def test_files_that_maintenance_deleted_are_said(versions: Environment, lakehouse: Call) -> None:
    write(versions, TABLE, rows((7, "n", Decimal(1))), mode="overwrite")
    root = S3Uri.parse(names.table_uri(versions, TABLE)).folder
    current = {uri.rsplit("/", 1)[-1] for uri in open_table(versions, TABLE).file_uris()}
    for key in list(list_keys(clients(versions).s3, root)):
        if key.endswith(".parquet") and key.rsplit("/", 1)[-1] not in current:
            clients(versions).s3.delete_object(Bucket=root.bucket, Key=key)
    assert asked(lakehouse, "SELECT product_id FROM silver.products") == [{"product_id": 7}]
    old = asked(lakehouse, "SELECT sum(product_id) FROM silver.products VERSION AS OF 1")
    assert old.startswith("RUN605 files of an old version of silver.products are deleted"), old


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM silver.orders VERSION AS OF 3",
        "SELECT 1 FROM gold.a VERSION AS OF 3 JOIN gold.b VERSION AS OF 4 ON a.x = b.x",
        "WITH t AS (SELECT * FROM bronze.x VERSION AS OF 12 LIMIT 1) SELECT * FROM t",
    ],
)
def test_versions_are_those_that_sqlglots_spark_reads(sql: str) -> None:
    judged = {
        (table.db, table.name, table.args["version"].expression.name)
        for table in sqlglot.parse_one(sql, dialect="spark").find_all(exp.Table)
        if table.args.get("version")
    }
    ours = {
        (table.db, *table.name.split("@"))
        for table in sqlglot.parse_one(with_views(sql), dialect="duckdb").find_all(exp.Table)
        if "@" in table.name
    }
    assert ours == judged
