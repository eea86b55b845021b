"""SQL files: what they make and read is found in any spelling, and what is none of ours is refused with its
line.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from lakehouse.pipelines.sql import statements
from lakehouse.pipelines.sql_catalogs import LAYERS
from lakehouse.pipelines.sql_tokens import SqlError
from tests.lakehouse.pipelines.loans import Tree

ENRICHED = """
-- Joins FROM silver.nothing, says this comment; and /* gold.nothing */ this one
CREATE OR REPLACE TABLE gold_db.traffic_data_enriched AS
WITH clean AS (\
  SELECT *, 'FROM silver.text' AS note FROM silver_db.traffic_data_cleaned WHERE day <= :run_date)
SELECT c.*, s.segment, silver_db.customer_engagement_summary.metrics.visits
FROM clean c LEFT JOIN `silver_db`.`customer_engagement_summary` s \
ON c.customer_id = s.customer_id AND s.score > :least;

INSERT OVERWRITE TABLE gold_db.customer_locations SELECT DISTINCT customer_id \
FROM gold_db.traffic_data_enriched
"""


def test_what_a_file_makes_and_reads_is_found_under_the_users_names_of_the_layers() -> None:
    first, second = statements(ENRICHED)
    assert (first.table, first.reads) == (
        "gold.traffic_data_enriched",
        ("silver.traffic_data_cleaned", "silver.customer_engagement_summary"),
    )
    assert (second.table, second.reads, second.line) == (
        "gold.customer_locations",
        ("gold.traffic_data_enriched",),
        8,
    )
    assert first.params == ("run_date", "least")
    assert "'FROM silver.text'" in first.query
    assert "lake__silver_customer_engagement_summary.metrics.visits" in first.query


def test_the_query_that_is_left_names_its_tables_as_one_word_each() -> None:
    tree = sqlglot.parse_one(statements(ENRICHED)[0].query, dialect="spark")
    named = {t.name for t in tree.find_all(exp.Table)} - {"clean"}
    assert named == {"lake__silver_traffic_data_cleaned", "lake__silver_customer_engagement_summary"}
    assert not any(t.db for t in tree.find_all(exp.Table))


def test_a_stream_of_a_table_is_told_from_the_table() -> None:
    text = (
        "CREATE TABLE gold_db.customer_stats AS SELECT s.id "
        "FROM STREAM( gold_db.kafka_data ) s JOIN silver.customers USING (id)"
    )
    (statement,) = statements(text)
    assert statement.streams == ("gold.kafka_data",)
    assert statement.reads == ("gold.kafka_data", "silver.customers")
    assert (
        statement.query == "SELECT s.id FROM lake__gold_kafka_data s JOIN lake__silver_customers USING (id)"
    )


@pytest.mark.parametrize(
    "text", ["CREATE DATABASE IF NOT EXISTS silver_db", "create schema silver_db comment 'of \"traffic\"'"]
)
def test_a_database_of_a_layer_is_asked_for(text: str) -> None:
    (statement,) = statements(text)
    assert (statement.layer, statement.table) == ("silver", "")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "says nothing"),
        ("-- only a comment", 1, "says nothing"),
        ("\n\nDROP TABLE gold.x", 3, "begins with 'DROP TABLE'"),
        ("SELECT 1", 1, "begins with 'SELECT 1'"),
        ("CREATE TABLE gold.x AS SELECT 1;\nDELETE FROM gold.x", 2, "begins with 'DELETE FROM'"),
        ("MERGE INTO gold.x USING silver.y ON 1 = 1 WHEN MATCHED THEN DELETE", 1, "begins with 'MERGE INTO'"),
        ("CREATE TABLE x AS SELECT 1", 1, "names no table of a layer"),
        ("CREATE TABLE platinum.x AS SELECT 1", 1, "names no table of a layer"),
        ("CREATE TABLE gold.x", 1, "states columns or options"),
        ("CREATE TABLE gold.x (a INT) AS SELECT 1", 1, "states columns or options"),
        ("CREATE TABLE gold.x USING parquet AS SELECT 1", 1, "another format"),
        ("CREATE TABLE gold.x AS", 1, "has no query"),
        ("INSERT INTO gold.x VALUES (1)", 1, "has no query"),
        ("CREATE DATABASE elsewhere", 1, "no layer: elsewhere"),
        ("CREATE TABLE gold.x AS SELECT 'open\nFROM silver.y", 1, "opens '"),
        ("CREATE TABLE gold.x AS SELECT 1 /* open", 1, "opens /*"),
    ],
)
def test_what_is_none_of_ours_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(SqlError) as error:
        statements(text)
    assert error.value.line == line
    assert message in str(error.value)
    assert error.value.wanted


@settings(max_examples=300)
@given(st.text(alphabet="abS;:'\"`.-/*() \n,1_", max_size=60))
def test_any_text_after_a_head_is_read_or_refused_and_never_crashes(text: str) -> None:
    try:
        parsed = statements(f"CREATE TABLE gold.x AS SELECT {text}")
    except SqlError as error:
        parsed = []
        line = error.line
    else:
        line = max(s.line for s in parsed)
    assert 1 <= line <= text.count("\n") + 1
    assert all(s.layer in LAYERS.values() for s in parsed)


def test_a_file_with_a_million_quotes_is_read_in_linear_time() -> None:
    # Never closed at the end: a scanner that tries again at each quote would take hours.
    with pytest.raises(SqlError):
        statements("CREATE TABLE gold.x AS SELECT " + "''" * 500_000 + "'")


def sql(tree: Tree, text: str) -> list[tuple[str, str, int, str]]:
    (tree.root / "src/transformation/gold/gold_kpi_metrics.sql").write_text(text)
    return [(f.code, Path(f.file).name, f.line, f.what) for f in tree.faults()]


def test_a_parameter_that_the_job_does_not_have_is_a_fault_with_the_nearest(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.root / "src/transformation/gold/gold_kpi_metrics.sql").write_text(
        "CREATE TABLE gold.k AS SELECT\n:kpi_window_day, :run_date"
    )
    (fault,) = tree.faults()
    assert (fault.code, fault.line, fault.nearest) == ("LK322", 1, "kpi_window_days")


def test_a_secret_is_no_parameter_of_sql(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.param.append(["P005", "api", "{{ secret('api_key') }}", "string", "Yes"])
    ((code, file, _, message),) = sql(tree, "CREATE TABLE gold.k AS SELECT :api AS key")
    assert (code, file) == ("LK322", "gold_kpi_metrics.sql")
    assert "':api'" in message


def test_a_table_that_is_made_twice_is_a_fault(tmp_path: Path) -> None:
    reported = sql(Tree(tmp_path), "CREATE TABLE gold.k AS SELECT 1;\nCREATE TABLE gold.k AS SELECT 2")
    assert reported == [("LK322", "gold_kpi_metrics.sql", 2, "makes gold.k a second time")]


def test_what_a_file_reads_is_in_the_graph(tmp_path: Path) -> None:
    reported = sql(Tree(tmp_path), "CREATE TABLE gold.k AS SELECT * FROM silver.loan_enriched")
    assert [code for code, *_ in reported] == ["LK313"]


def test_a_files_own_tables_are_not_what_it_reads(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    text = (
        "CREATE TABLE gold.a AS SELECT * FROM silver.loan_enrich; CREATE TABLE gold.b AS SELECT * FROM gold.a"
    )
    (tree.root / "src/transformation/gold/gold_kpi_metrics.sql").write_text(text)
    pipelines, faults = tree.read()
    job = pipelines["loans"].job("gold_kpi_aggregation")
    assert faults == []
    assert (job.reads, job.writes) == (("silver.loan_enrich",), ("gold.a", "gold.b"))


def test_a_path_is_looked_for_in_the_pipelines_own_folder_first(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    path = "pipelines/loans/src/transformation/gold/gold_kpi_metrics.sql"
    tree.touch(path)
    (tree.root / path).write_text("CREATE TABLE gold.own AS SELECT 1")
    pipelines, _ = tree.read()
    (proc,) = pipelines["loans"].job("gold_kpi_aggregation").procs
    assert (proc.path, proc.file, proc.writes) == (
        "src/transformation/gold/gold_kpi_metrics.sql",
        path,
        ("gold.own",),
    )
