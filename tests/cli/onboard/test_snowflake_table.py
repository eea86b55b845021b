"""A table of Snowflake becomes a table of bronze by what Snowflake says of it and by its rows."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from snowflake.connector.cursor import ResultMetadata

from cli.onboard.contract_text import contract_text
from cli.onboard.origins import Request, read_origin
from cli.onboard.snowflake_table import stated_type
from glue_jobs.sources.snowflake_fields import FIXED, NTZ, TIME, TZ
from lakehouse.environments import Environment
from tests.cli.calls import Call
from tests.cli.onboard.remote import TABLE, contract_of, message, onboard
from tests.cli.onboard.stored import stored_rows, written_contract
from tests.cli.pipeline.pipeline_tree import Tree
from tests.glue_jobs.sources.systems import WarehouseTable, fill


def test_table_of_snowflake_has_the_types_and_the_key_that_it_states(
    spark: SparkSession, local_env: Environment, lakehouse: Call, tree: Tree, tmp_path: Path
) -> None:
    table = WarehouseTable(local_env, "snowflake")
    table.run(
        "CREATE TABLE {t} (region VARCHAR, id NUMBER(38,0), email VARCHAR, amount NUMBER(20,3), "
        "ratio FLOAT, day DATE, note VARIANT, active BOOLEAN, updated_at TIMESTAMP_NTZ, "
        "PRIMARY KEY (region, id))"
    )
    table.run(
        "INSERT INTO {t} SELECT 'EU', 1, 'a@b.ch', 1.500, 0.5, '2017-01-31', "
        "PARSE_JSON('{\"a\": 1}'), TRUE, '2017-01-31 10:00:00'"
    )
    table.run("INSERT INTO {t} SELECT 'EU', 2, NULL, NULL, NULL, NULL, NULL, NULL, '2017-01-31 11:00:00'")
    answer = onboard(lakehouse, tree, f"snowflake:{table.table}", "--env", "local")
    contract = contract_of(answer, lakehouse, tree)
    assert contract["source"] == {"kind": "snowflake", "object": table.name}
    assert (contract["key"], contract["sequence"]) == (["region", "id"], "updated_at")
    kinds = {name: line.split()[0] for name, line in contract["columns"].items()}
    assert kinds == {
        "region": "string",
        "id": "bigint",
        "email": "string?",
        "amount": "decimal(20,3)?",
        "ratio": "double?",
        "day": "date?",
        "note": "string?",
        "active": "boolean?",
        "updated_at": "timestamp",
    }
    assert "email: it looks like personal data (email); it is kept as hash" in answer.out
    origin, sample = read_origin(Request((f"snowflake:{table.name}",), TABLE, None, "local", None))
    written = written_contract(sample, origin, tmp_path)
    rows = sorted(stored_rows(spark, local_env, written))
    assert rows[0][:2] == ("EU", 1)
    assert rows[0][3:5] == (Decimal("1.500"), 0.5)
    assert json.loads(rows[0][6]) == {"a": 1}
    assert isinstance(rows[1][8], datetime)


@pytest.mark.parametrize(
    ("code", "precision", "scale", "values", "kind"),
    [
        (FIXED, 9, 0, ["1"], "bigint"),
        (FIXED, 38, 0, ["-123456789012345678", None], "bigint"),
        (FIXED, 38, 0, ["1234567890123456789"], "decimal(38,0)"),
        (FIXED, 38, 10, ["1.5"], "decimal(38,10)"),
        (NTZ, 0, 9, [], "timestamp"),
        (TZ, 0, 9, [], "timestamp"),
        (TIME, 0, 9, [], "string"),
    ],
)
def test_type_holds_what_the_column_holds(
    code: int, precision: int, scale: int, values: list[str | None], kind: str
) -> None:
    column = ResultMetadata("C", code, None, None, precision, scale, True)
    assert stated_type(column, values).type == kind


def test_a_table_without_a_time_has_no_ingest(local_env: Environment, lakehouse: Call, tree: Tree) -> None:
    table = WarehouseTable(local_env, "snowflake")
    table.run("CREATE TABLE {t} (id INT)")
    table.run("INSERT INTO {t} VALUES (1)")
    answer = onboard(lakehouse, tree, f"snowflake:{table.table}", "--env", "local")
    assert answer.code == 2
    assert "has no time by which an ingest could tell what is new" in message(answer)


def test_a_time_that_speaks_of_no_change_is_a_guess(local_env: Environment) -> None:
    table = WarehouseTable(local_env, "snowflake")
    fill(table, "2017-01-01 00:00:00", columns="id INT, name VARCHAR, updated_at TIMESTAMP, note VARCHAR")
    table.run("ALTER TABLE {t} RENAME COLUMN updated_at TO stamp")
    origin, sample = read_origin(Request((f"snowflake:{table.name}",), TABLE, None, "local", None))
    text = contract_text(sample, TABLE, "data_team", origin)
    assert "sequence: stamp" in text.text
    assert "what is new is told by stamp, a guess" in text.doubts[0]
