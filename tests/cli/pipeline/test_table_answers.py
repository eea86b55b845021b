"""The table that a new pipeline reads: named by the user, or chosen from the project's contracts."""

from __future__ import annotations

import json

import pytest

from cli.pipeline.table_answers import sql_name
from lakehouse.contracts import load_schemas
from lakehouse.pipelines import load_pipelines
from tests.cli.pipeline.pipeline_tree import Tree, error_text


@pytest.mark.parametrize(
    ("reads", "write"),
    [("silver.orders", "recompute"), ("silver.products", "replace"), ("bronze.fx_rates", "recompute")],
)
def test_batch_pipeline_recomputes_days_where_its_table_has_a_day(tree: Tree, reads: str, write: str) -> None:
    assert tree.new("new_one", "batch", "--reads", reads).code == 0
    contract = load_schemas(tree.root).contracts["gold.new_one"]
    assert contract.lake.write == write
    assert contract.lake.incremental_from == ([reads] if write == "recompute" else [])
    whole = tree.lakehouse("validate", "--project", str(tree.root))
    assert (whole.code, whole.err) == (0, "")


def test_python_pipeline_counts_the_rows_of_the_table_that_was_named(tree: Tree) -> None:
    assert tree.new("by_store", "python", "--reads", "silver.order_events").code == 0
    (job,) = load_pipelines(tree.root)["by_store"].jobs
    assert (job.type, job.reads, job.writes) == ("transform", ("silver.order_events",), ("gold.by_store",))
    assert "silver_order_events: DataFrame" in tree.read("pipelines/by_store/transforms/by_store.py")
    assert json.loads(tree.read("schemas/gold/by_store.schema.json"))["x-lake"]["owner"] == job.owner


@pytest.mark.parametrize(
    ("column", "name"),
    [("currency", "currency"), ("date", "date"), ("from", "`from`"), ("current_date", "`current_date`")],
)
def test_name_that_sql_reads_as_something_else_is_quoted(column: str, name: str) -> None:
    assert sql_name(column) == name


@pytest.mark.parametrize("kind", ["batch", "metadata"])
def test_column_with_a_word_of_sql_as_its_name_is_grouped_by(tree: Tree, kind: str) -> None:
    path = "schemas/silver/orders.schema.json"
    tree.write(path, tree.read(path).replace('"currency"', '"from"'))
    before = tree.lakehouse("validate", "--project", str(tree.root)).err
    assert tree.new("new_one", kind, "--reads", "silver.orders").code == 0
    assert "GROUP BY `from`" in tree.read("pipelines/new_one/sql/new_one.sql")
    assert tree.lakehouse("validate", "--project", str(tree.root)).err == before


@pytest.mark.parametrize(
    ("kind", "reads", "message"),
    [
        ("python", "silver.order_event", "did you mean 'silver.order_events'?"),
        ("batch", "silver.order", "did you mean 'silver.orders'?"),
        ("metadata", "gold.no_such", "unknown table 'gold.no_such'"),
        ("batch", "gold.customer_stats", "gold.customer_stats is a table of the Lakebase"),
        ("streaming", "silver.orders", "--kind streaming reads a topic: --topic"),
    ],
)
def test_table_that_cannot_be_read_is_refused(tree: Tree, kind: str, reads: str, message: str) -> None:
    before = tree.files()
    answer = tree.new("new_one", kind, "--reads", reads)
    assert answer.code == 2
    assert message in error_text(answer)
    assert tree.files() == before
