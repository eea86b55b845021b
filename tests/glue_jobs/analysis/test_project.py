"""`validate --deep`: what Spark and Java say of a tree, with the file, the line and the column."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from cli.project.tree import Tree, read_tree
from glue_jobs.analysis.project import check_project
from lakehouse.reading.faults import Collector, Fault
from tests.project_marker import copy_project

KPIS = "pipelines/kafka_traffic_pipeline/sql/traffic_data_enriched.sql"
STATS = "pipelines/kafka_to_lakebase/sql/customer_stats.sql"
SILVER = "pipelines/retail/transforms/bronze_to_silver.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_project(tmp_path)


def deep_faults(spark: SparkSession, root: Path) -> list[Fault]:
    tree: Tree = read_tree(root)
    # Names of columns that exist nowhere are faults without Spark too.
    assert [fault for fault in tree.faults if fault.code not in ("LK246", "LK341")] == []
    faults = Collector(tree.root)
    check_project(spark, tree.jobs, tree.schemas, faults)
    return faults.faults


def change(root: Path, file: str, old: str, new: str) -> tuple[int, int]:
    """Replaces a text once; line and column of what stands there now."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    at = text.index(old)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def test_everything_of_this_project_is_sound_to_spark(spark: SparkSession, root: Path) -> None:
    assert [str(fault) for fault in deep_faults(spark, root)] == []


def test_faults_of_every_kind_come_at_once_with_their_places(spark: SparkSession, root: Path) -> None:
    column = change(root, KPIS, "hour(event_ts) AS event_hour", "hour(event_tss) AS event_hour")
    change(root, KPIS, "coalesce(amount, 0) AS revenue_usd", "coalesce(amount, 0) AS revenue_us")
    kind = change(root, KPIS, "places.events / sum(", "day(first_event_date) || sum(")
    change(root, STATS, "GROUP BY customer_id;", "GROUP BY customer_id ORDER BY customer_id;")
    faults = deep_faults(spark, root)
    by_code = {(f.code, f.file) for f in faults}
    assert by_code == {("LK340", KPIS), ("LK342", KPIS), ("LK340", STATS)}
    unknown = next(f for f in faults if f.file == KPIS and f.code == "LK340")
    assert (unknown.line, unknown.column) == (column[0], column[1] + len("hour("))
    assert "event_tss" in unknown.what
    assert "lake__" not in unknown.what
    text = next(f for f in faults if f.code == "LK342")
    assert "event_share is string" in text.what
    assert text.wanted.startswith("decimal(5,4)")
    assert text.line > kind[0] - 40


def test_a_text_that_spark_takes_for_the_time_of_the_run_is_a_fault_at_its_place(
    spark: SparkSession, root: Path
) -> None:
    hour = "hour(event_ts) + CASE WHEN event_ts = 'yesterday' THEN 1 ELSE 0 END AS event_hour"
    line, column = change(root, KPIS, "hour(event_ts) AS event_hour", hour)
    (fault,) = deep_faults(spark, root)
    assert (fault.code, fault.file, fault.value) == ("LK343", KPIS, "yesterday")
    assert (fault.line, fault.column) == (line, column + hour.index("'yesterday'"))


def test_a_column_that_is_missing_and_one_of_nobody_are_faults(spark: SparkSession, root: Path) -> None:
    change(root, KPIS, "coalesce(amount, 0) AS revenue_usd", "coalesce(amount, 0) AS revenue_us")
    faults = deep_faults(spark, root)
    assert [(f.code, f.value, f.nearest) for f in faults] == [
        ("LK341", "revenue_usd", "revenue_us"),
        ("LK341", "revenue_us", "revenue_usd"),
    ]


def test_a_function_that_fails_on_empty_tables_is_a_fault_at_its_line(
    spark: SparkSession, root: Path
) -> None:
    at = change(
        root, SILVER, "return bronze_snowflake_customers.with", "return bronze_snowflake_customers.wth"
    )
    faults = deep_faults(spark, root)
    assert [(f.code, f.file, f.line) for f in faults] == [("LK344", SILVER, at[0])]
    assert "AttributeError" in faults[0].what


def test_java_judges_the_patterns_of_contracts_and_suites(spark: SparkSession, root: Path) -> None:
    file = "schemas/silver/orders.schema.json"
    change(root, file, '"^[A-Z]{3}$"', '"^[A-Z]{3}(?P<c>x)$"')
    tree = read_tree(root)
    faults = Collector(tree.root)
    check_project(spark, [], tree.schemas, faults)
    assert [f.code for f in faults.faults] in (["LK345"], [])
    assert any("(?P<c>" in f.value for f in [*tree.faults, *faults.faults])
