"""Texts that a warehouse cannot hold are named before anything is loaded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.aws import clients
from glue_jobs.observability.secrets import Secrets
from glue_jobs.warehouses.registry import warehouse_for
from glue_jobs.warehouses.warehouse import WarehouseError
from lakehouse.environments import Environment, names
from tests.glue_jobs.builders import contract
from tests.glue_jobs.sources.systems import WarehouseTable, unique

COLUMNS: dict[str, Any] = {
    "id": {"type": "integer"},
    "code": {"type": ["string", "null"], "maxLength": 4},
    "note": {"type": ["string", "null"]},
}
DDL = "id bigint, code string, note string"


class Notes:
    """A table of texts in one warehouse."""

    def __init__(self, env: Environment, spark: SparkSession, kind: str) -> None:
        self.spark, self.contract = spark, contract(f"gold.{unique('notes')}", COLUMNS, sequence=None)
        folder = names.staging_uri(env, "publish", unique("r"))
        self.warehouse = warehouse_for(kind, env, Secrets(env), clients(env), folder)
        self.table = WarehouseTable(env, kind)
        name = self.contract.name
        self.table.name = f"ANALYTICS.GOLD.{name.upper()}" if kind == "snowflake" else f"gold.{name}"

    def publish(self, *rows: tuple[Any, ...], ddl: str = DDL) -> int:
        frame = self.spark.createDataFrame(list(rows), ddl)
        return self.warehouse.publish(
            self.contract, frame, mode="merge", days=None, run_id=unique("run").replace("_", "")
        )

    def stored(self) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.table.run("SELECT id, code, note FROM {t} ORDER BY id")]


@pytest.fixture
def redshift(spark: SparkSession, local_env: Environment) -> Notes:
    return Notes(local_env, spark, "redshift")


def test_text_that_fills_its_column_to_the_last_byte_is_published_whole(redshift: Notes) -> None:
    row = (1, "\U0001f600" * 4, "é" * 32_767 + "a")
    assert redshift.publish(row) == 1
    assert redshift.stored() == [row]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ((2, "", "é" * 32_768), "note has 1 texts of more than 65535 bytes, the longest of 65536"),
        ((2, "a" * 17, None), "code has 1 texts of more than 16 bytes, the longest of 17"),
        ((2, "", "a\0b"), "note has 1 texts with the character NUL"),
        ((2, "\0", "\0"), "code has 1 texts with the character NUL; note has 1 texts with the character NUL"),
    ],
)
def test_text_that_no_column_holds_is_named_and_yesterdays_rows_stand(
    redshift: Notes, row: tuple[Any, ...], fault: str
) -> None:
    redshift.publish((1, "a", "b"))
    with pytest.raises(WarehouseError, match="Redshift cannot hold these texts") as raised:
        redshift.publish((1, "a", "new"), row)
    assert raised.value.code == "RUN152"
    assert fault in str(raised.value)
    assert redshift.stored() == [(1, "a", "b")]


def test_deleted_row_may_have_had_any_text(redshift: Notes) -> None:
    redshift.publish((1, "a", "b"))
    assert redshift.publish((1, "a" * 99, "\0", True), ddl=f"{DDL}, _deleted boolean") == 1
    assert redshift.stored() == []


def test_snowflake_holds_nul_and_texts_longer_than_redshifts(
    spark: SparkSession, local_env: Environment
) -> None:
    snowflake = Notes(local_env, spark, "snowflake")
    row = (1, "a" * 17, "\0" + "é" * 40_000)
    assert snowflake.publish(row) == 1
    assert snowflake.stored() == [row]


def test_snowflakes_own_limit_is_named_as_well(spark: SparkSession, local_env: Environment) -> None:
    snowflake = Notes(local_env, spark, "snowflake")
    warehouse: Any = snowflake.warehouse
    # A text of 16 MB takes a test long: the limit of this one is smaller.
    warehouse.texts = replace(warehouse.texts, max_bytes=8)
    with pytest.raises(WarehouseError, match=r"RUN152 .* note has 1 texts of more than 8 bytes"):
        snowflake.publish((1, "a", "é" * 5))
