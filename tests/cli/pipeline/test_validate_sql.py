"""The SQL of a pipeline is checked as Spark would read it, with file and line of each fault."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.cli.pipeline.pipeline_tree import ROOT, Tree

SQL = "pipelines/sales/sql/sales.sql"


@pytest.fixture
def sales(tree: Tree) -> Tree:
    tree.add("sales", "batch")
    return tree


QUERY = (
    "-- first\nCREATE OR REPLACE TABLE gold_db.sales AS\n"
    "SELECT currency, order_date, 1 AS total_amount, 1 AS row_count\n"
)


@pytest.mark.parametrize(
    ("end", "line", "message"),
    [
        ("FROM silver_db.orders WHERE (amount_usd > 1", 4, "is no SQL"),
        ("FROM silver_db.orders\nWHERE store_id = = 1", 5, "is no SQL"),
        ("FROM silver_db.orders\n\nGROUP ORDER", 6, "is no SQL"),
        ("FORM silver_db.orders", 4, "is no SQL"),
        ("FROM orders", 4, "reads 'orders', which is no table of a layer"),
        ("FROM silver_db.orders o\nJOIN stores s ON true", 5, "reads 'stores'"),
        ("FROM parquet.`s3://elsewhere/secret`", 4, "reads 'parquet.s3://elsewhere/secret'"),
        ("FROM hive_metastore.default.orders", 4, "reads 'hive_metastore.default.orders'"),
        ("FROM silver_orders", 4, "reads 'silver_orders'"),
        ("FROM silver_db.orders WHERE amount_usd > :least", 2, "asks for parameter ':least'"),
        ("FROM silver_db.orders WHERE " + "(" * 5000 + "true" + ")" * 5000, 3, "is nested too deep"),
    ],
)
def test_what_is_no_query_is_said_with_file_and_line(sales: Tree, end: str, line: int, message: str) -> None:
    sales.write(SQL, QUERY + end)
    (fault,) = [f for f in sales.faults("sales") if f["code"] == "LK322"]
    assert (fault["file"], fault["line"]) == (SQL, line)
    assert message in fault["what"]
    # `lakehouse validate` says the same.
    assert json.loads(
        sales.lakehouse("validate", "--project", str(sales.root), "--json").out
    ) == sales.faults("sales")


@pytest.mark.parametrize(
    "end",
    [
        "FROM silver_db.orders WHERE quantity >= :least_rows AND order_date <= :run_date GROUP BY ALL",
        "FROM (SELECT * FROM `silver_db`.`orders`) o LATERAL VIEW explode(sequence(1, 2)) t AS n",
        "FROM silver.orders o LEFT ANTI JOIN bronze_db.kafka_events e "
        "ON e.order_id = o.order_id /* ( */ -- (",
        "FROM silver.orders JOIN range(10) r ON r.id = store_id SORT BY store_id",
        "FROM silver.orders UNION ALL SELECT 1, DATE '2017-01-01', 2, 3.5",
        "FROM silver.orders WHERE transform(array(1), x -> x + 1)[0] = 2 "
        "AND double(amount_usd) > 0 AND currency RLIKE '^U'",
        "FROM silver.orders WHERE EXISTS "
        "(SELECT 1 FROM silver.customers c WHERE c.customer_id = orders.customer_id) DISTRIBUTE BY store_id",
    ],
)
def test_what_spark_takes_is_taken(sales: Tree, end: str) -> None:
    sales.write(SQL, QUERY + end)
    # The contract names no table beside silver.orders; here only Spark's SQL counts.
    assert [fault for fault in sales.faults("sales") if fault["code"] != "LK336"] == []


def test_a_query_may_name_what_its_own_with_makes(sales: Tree) -> None:
    query = (
        "CREATE TABLE gold.sales AS WITH a AS (SELECT * FROM silver.orders), b AS (SELECT * FROM A) "
        "SELECT * FROM b JOIN a USING (order_id)"
    )
    sales.write(SQL, query)
    assert sales.faults("sales") == []


def test_what_airflow_reads_pipelines_by_does_not_know_sqlglot() -> None:
    modules = "lakehouse.pipelines.reader, lakehouse.pipelines.source_binding"
    script = f"import sys, {modules}; print('sqlglot' in sys.modules)"
    assert (
        subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        == "False\n"
    )
