"""A changed query is told until its table is made anew; --full-refresh makes it anew in one commit."""

from __future__ import annotations

from datetime import date

import pytest
from pyspark.sql import SparkSession

from glue_jobs.run_context import RunContext
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, names
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract
from tests.glue_jobs.job_types.resumed_harness import build, killed_before_the_watermark_moves
from tests.glue_jobs.job_types.test_positions import COLUMNS, DDL
from tests.glue_jobs.job_types.test_write_modes import SCD2_COLUMNS
from tests.glue_jobs.sources.systems import unique

ONE, TWO = date(2017, 1, 1), date(2017, 1, 2)
BY_DAY = {"write": "recompute", "recompute_by": "day", "partition_by": ["day"]}


class Refreshed:
    """A table of three rows, and the same with values in capitals."""

    def __init__(self, env: Environment, spark: SparkSession, **lake: str | list[str]) -> None:
        self.env, self.spark, self.name = env, spark, unique("forms")
        self.input = contract(f"silver.{self.name}", COLUMNS, sequence="day")
        self.output = contract(f"gold.{self.name}", COLUMNS, **{"sequence": "day", **lake})
        self.put((1, "a", ONE), (2, "b", ONE), (3, "c", TWO))

    def put(self, *rows: tuple[int, str, date]) -> None:
        delta_rs.append(self.env, self.input, DDL, *rows)

    def build(
        self, value: str = "value", *, full_refresh: bool = False, force: frozenset[str] = frozenset()
    ) -> RunContext:
        parameter = f"silver_{self.name}"
        rows = f"{parameter}.selectExpr('id', '{value} AS value', 'day')"
        source = f"def {self.name}(*, {parameter}): return {rows}"
        how = {"full_refresh": full_refresh, "force": force}
        return build(self.env, self.spark, source, self.output, self.input, **how)

    @property
    def uri(self) -> str:
        return names.table_uri(self.env, self.output.table)

    def values(self) -> str:
        return "".join(value for _, value in delta_rs.rows(self.env, self.uri, "id", "value"))


@pytest.fixture(params=["merge", pytest.param("recompute", marks=pytest.mark.slow)])
def table(request: pytest.FixtureRequest, local_env: Environment, spark: SparkSession) -> Refreshed:
    return Refreshed(local_env, spark, **(BY_DAY if request.param == "recompute" else {}))


def test_a_changed_query_is_told_until_its_table_is_made_anew(table: Refreshed) -> None:
    assert table.build().warnings == []
    without_news = table.build("upper(value)")
    assert without_news.warnings == [
        f"{table.output.table}: its query, function or contract changed since 2017-01-31; rows made before "
        "keep the old form; `lakehouse run --env local --job a_job --run-date 2017-01-31 --full-refresh` "
        "makes the table anew"
    ]
    assert table.values() == "abc"
    table.put((4, "d", date(2017, 1, 3)))
    assert len(table.build("upper(value)").warnings) == 1
    assert table.values() == "abcD"
    assert len(table.build().warnings) == 1
    before = delta_rs.table(table.env, table.uri).version()
    refreshed = table.build("upper(value)", full_refresh=True)
    assert refreshed.warnings == []
    assert refreshed.counts[table.output.table].written == 4
    assert table.values() == "ABCD"
    assert delta_rs.table(table.env, table.uri).version() == before + 1
    assert table.build("upper(value)").warnings == []


def test_a_forced_table_is_made_anew_though_nothing_is_new_and_no_other_one(table: Refreshed) -> None:
    table.build()
    other = table.build("upper(value)", force=frozenset(["gold.other"]))
    assert (table.values(), other.counts[table.output.table].written) == ("abc", 0)
    before = delta_rs.table(table.env, table.uri).version()
    forced = table.build("upper(value)", force=frozenset([table.output.table]))
    assert (table.values(), forced.counts[table.output.table].written) == ("ABC", 3)
    assert delta_rs.table(table.env, table.uri).version() == before + 1
    assert forced.warnings == []


def test_a_refresh_that_was_killed_is_finished_once(table: Refreshed) -> None:
    table.build()
    before = delta_rs.table(table.env, table.uri).version()
    with killed_before_the_watermark_moves():
        table.build("upper(value)", full_refresh=True)
    finished = table.build("upper(value)")
    assert (table.values(), finished.warnings) == ("ABC", [])
    assert delta_rs.table(table.env, table.uri).version() == before + 1


def test_a_table_that_is_computed_whole_is_made_anew_by_its_changed_query(
    local_env: Environment, spark: SparkSession
) -> None:
    table = Refreshed(local_env, spark, write="replace")
    table.build()
    assert table.build("upper(value)").warnings == []
    assert table.values() == "ABC"


def history(local_env: Environment, spark: SparkSession, of: Contract, name: str) -> RunContext:
    states = f"bronze_{name}" if of.lake.write == "append" else f"silver_{name}"
    rows = f"{states}.selectExpr('id', 'value AS name', 'timestamp(day) AS valid_since')"
    people = contract(
        f"gold.{name}",
        SCD2_COLUMNS,
        write="scd2",
        primary_key=["key"],
        business_key=["id"],
        tracked=["name"],
        sequence=None,
    )
    source = f"def {name}(*, {states}): return {rows}"
    build(local_env, spark, source, people, of)
    return build(local_env, spark, source, people, of, full_refresh=True)


@pytest.mark.parametrize("write", ["append", "merge"])
def test_a_history_is_made_anew_only_where_its_inputs_have_it(
    write: str, local_env: Environment, spark: SparkSession
) -> None:
    name = unique("people")
    of = contract(
        f"{'bronze' if write == 'append' else 'silver'}.{name}", COLUMNS, sequence="day", write=write
    )
    delta_rs.append(local_env, of, DDL, (1, "Ann", ONE), (1, "Anna", TWO), (2, "Bob", ONE))
    run = history(local_env, spark, of, name)
    uri = names.table_uri(local_env, f"gold.{name}")
    assert delta_rs.rows(local_env, uri, "name") == [("Ann",), ("Anna",), ("Bob",)]
    refused = [
        f"gold.{name} is not made anew: it keeps the versions of a key, and its input "
        f"silver.{name} has only the newest one"
    ]
    assert run.warnings == ([] if write == "append" else refused)
    assert delta_rs.table(local_env, uri).version() == (write == "append")
