"""SQL of a pipeline is a query and nothing else: text that would leave it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.pipelines.reader import read_pipelines
from lakehouse.pipelines.sql import statements
from lakehouse.pipelines.sql_guard import refusals
from lakehouse.pipelines.sql_lint import check_sql
from lakehouse.pipelines.sql_tokens import SqlError
from lakehouse.project import Project
from lakehouse.reading.faults import Collector, Fault
from tests.lakehouse.pipelines.loans import Tree
from tests.lakehouse.pipelines.sql_escapes import ESCAPES, SOUND

FILE = "pipelines/loans/src/transformation/gold/gold_kpi_metrics.sql"


def faults_of(root: Path, query: str) -> list[Fault]:
    tree = Tree(root)
    tree.read()
    file = next(root.rglob("gold_kpi_metrics.sql"))
    file.write_text(f"CREATE OR REPLACE TABLE gold.kpi_metrics AS\n{query}", newline="")
    faults = Collector(root)
    check_sql([j for p in read_pipelines(faults).values() for j in p.jobs], faults)
    return [f for f in faults.faults if f.file.endswith("gold_kpi_metrics.sql")]


@pytest.mark.parametrize("escape", ESCAPES)
def test_a_query_that_would_leave_its_tables_is_refused(escape: str, tmp_path: Path) -> None:
    faults = faults_of(tmp_path, ESCAPES[escape].replace("FROM t", "FROM silver.loan_enrich"))
    assert {f.code for f in faults} == {"LK322"}


@pytest.mark.parametrize("query", SOUND)
def test_an_ordinary_query_is_not_refused(query: str, tmp_path: Path) -> None:
    assert refusals(SOUND[query], ["a"]) == []
    assert faults_of(tmp_path, SOUND[query].replace("FROM t", "FROM silver.loan_enrich")) == []


def test_every_query_of_the_project_is_accepted() -> None:
    files = sorted(Project.find().pipelines.rglob("*.sql"))
    queries = [s.query for file in files for s in statements(file.read_text(encoding="utf-8")) if s.query]
    assert queries
    assert [r for query in queries for r in refusals(query)] == []


def test_a_with_may_have_the_name_of_a_table() -> None:
    text = (
        "CREATE OR REPLACE TABLE gold.x AS WITH silver_orders AS (SELECT * FROM silver.orders WHERE a = 1) "
        "SELECT (SELECT count(*) FROM silver_orders) AS some, (SELECT count(*) FROM silver.orders) AS every"
    )
    (statement,) = statements(text)
    assert statement.query.count("FROM silver_orders)") == 1
    assert statement.query.count("FROM lake__silver_orders") == 2


def test_a_name_that_begins_like_the_platforms_own_is_refused() -> None:
    with pytest.raises(SqlError, match="lake__silver_orders"):
        statements("CREATE OR REPLACE TABLE gold.x AS SELECT * FROM lake__silver_orders")
