"""A table that was made anew, or is an input only now, is read whole."""

from __future__ import annotations

from datetime import date

import pytest
from pyspark.sql import SparkSession

from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import Environment, names
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract
from tests.glue_jobs.job_types.resumed_harness import build
from tests.glue_jobs.sources.systems import unique

DDL = "id bigint, value string, day date"
COLUMNS = {
    "id": {"type": "integer"},
    "value": {"type": ["string", "null"]},
    "day": {"type": "string", "format": "date"},
}


class Tables:
    """An input, another one, and a table that follows them."""

    def __init__(self, env: Environment, spark: SparkSession, **lake: str | list[str]) -> None:
        self.env, self.spark = env, spark
        self.name = unique("moves")
        keys = {"sequence": "day", **lake}
        self.input = contract(f"silver.{self.name}", COLUMNS, sequence="day", partition_by=["day"])
        self.other = contract(f"silver.{self.name}_other", COLUMNS, sequence="day")
        self.output = contract(f"gold.{self.name}", COLUMNS, **keys)

    def put(self, table: str, *rows: tuple[int, str, date]) -> None:
        of = self.input if table == self.input.table else self.other
        delta_rs.append(self.env, of, DDL, *rows)

    def remove(self, table: str) -> None:
        uri = names.table_uri(self.env, table)
        jvm = self.spark._jvm
        assert jvm is not None
        path = jvm.org.apache.hadoop.fs.Path(uri)
        path.getFileSystem(self.spark._jsparkSession.sessionState().newHadoopConf()).delete(path, True)
        jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()

    def build(self, *, both: bool = False) -> list[tuple[int, str]]:
        one, two = f"silver_{self.name}", f"silver_{self.name}_other"
        source = (
            f"def {self.name}(*, {one}, {two}): return {one}.unionByName({two})"
            if both
            else f"def {self.name}(*, {one}): return {one}"
        )
        inputs = (self.input, self.other) if both else (self.input,)
        build(self.env, self.spark, source, self.output, *inputs)
        rows = delta_rs.rows(self.env, names.table_uri(self.env, self.output.table), "id", "value")
        return sorted((key, value) for key, value in rows)


ONE, TWO = date(2017, 1, 1), date(2017, 1, 2)


@pytest.mark.parametrize(
    ("mode", "commits"),
    [
        ("merge", 0),
        ("recompute", 7),
        pytest.param("merge", 7, marks=pytest.mark.slow),
        pytest.param("recompute", 0, marks=pytest.mark.slow),
    ],
)
def test_a_table_made_anew_is_read_whole(
    mode: str, commits: int, local_env: Environment, spark: SparkSession
) -> None:
    lake: dict[str, str | list[str]] = {"write": mode}
    lake |= {"recompute_by": "day", "partition_by": ["day"]} if mode == "recompute" else {}
    tables = Tables(local_env, spark, **lake)
    for number in range(1, 5):
        tables.put(tables.input.table, (number, "old", ONE))
    assert len(tables.build()) == 4
    tables.remove(tables.input.table)
    tables.put(tables.input.table, (1, "new", TWO), (2, "new", TWO), (3, "new", TWO), (4, "new", TWO))
    delta_rs.change_nothing(local_env, names.table_uri(local_env, tables.input.table), commits)
    assert tables.build() == [(1, "new"), (2, "new"), (3, "new"), (4, "new")]


def test_an_input_that_a_function_gains_is_read_whole(local_env: Environment, spark: SparkSession) -> None:
    tables = Tables(local_env, spark)
    tables.put(tables.input.table, (1, "a", ONE))
    tables.put(tables.other.table, (2, "b", ONE))
    tables.put(tables.other.table, (3, "c", ONE))
    assert tables.build() == [(1, "a")]
    assert tables.build(both=True) == [(1, "a"), (2, "b"), (3, "c")]


@pytest.mark.slow
def test_positions_of_an_earlier_release_are_numbers_and_go_on(
    local_env: Environment, spark: SparkSession
) -> None:
    tables = Tables(local_env, spark)
    tables.put(tables.input.table, (1, "a", ONE))
    tables.build()
    key = f"a_job.{tables.output.table}"
    position = Watermarks(local_env).read(key).position
    Watermarks(local_env).reset(key, {t: p["version"] for t, p in position.items() if "." in t})
    spark.sql(f"DELETE FROM delta.`{names.table_uri(local_env, tables.output.table)}`")
    assert tables.build() == []
    tables.put(tables.input.table, (2, "b", ONE))
    assert tables.build() == [(2, "b")]


def test_a_batch_whose_input_was_made_anew_is_planned_anew(
    local_env: Environment, spark: SparkSession
) -> None:
    tables = Tables(local_env, spark)
    tables.put(tables.input.table, (1, "a", ONE))
    tables.build()
    tables.put(tables.input.table, (2, "b", ONE))
    key = f"a_job.{tables.output.table}"
    watermark = Watermarks(local_env).open(key)
    uri = names.table_uri(local_env, tables.input.table)
    planned = {tables.input.table: {"id": watermark.position[tables.input.table]["id"], "version": 1}}
    watermark.plan_batch(planned, batch_id="a-batch", run_id="a-run")
    tables.remove(tables.input.table)
    tables.put(tables.input.table, (3, "c", ONE))
    delta_rs.change_nothing(local_env, uri, 3)
    assert tables.build() == [(1, "a"), (3, "c")]
