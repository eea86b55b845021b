"""A contract is shortened to what its query or function does not say, and stays the same contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from cli.contracts.derive import derive
from cli.contracts.derived_form import derived_form
from cli.project.tree import read_tree
from glue_jobs.analysis.derive import DeriveError
from lakehouse.contracts.files import document_of, read_table_files, stated_tables
from lakehouse.reading.faults import Collector
from tests.cli.calls import Call
from tests.project_marker import copy_project

# A query; a function whose tables a person tags; a function that gives another order than the contract has.
TABLES = ("gold.customer_locations", "silver.customers", "gold.dim_product")


def shorten(spark: SparkSession, root: Path, table: str) -> str:
    """Puts both files in the place of the contract's."""
    file = stated_tables(root)[table]
    documents = read_table_files(file, Collector(root))
    assert documents.contract is not None
    assert documents.suite is not None
    form = derived_form(spark, root, table, documents.contract.value, documents.suite.value)
    name = table.split(".")[1]
    for old in file.parent.glob(f"{name}.*"):
        old.unlink()
    (file.parent / f"{name}.yml").write_text(form.contract)
    (file.parent / f"{name}.columns.json").write_text(form.columns)
    return form.contract


def columns(document: dict[str, Any]) -> list[tuple[str, Any]]:
    """The columns in their order, without origins and what says nothing."""

    def plain(column: dict[str, Any]) -> dict[str, Any]:
        lake = {k: v for k, v in column.get("x-lake", {}).items() if k != "derived_from"}
        return {**column, "x-lake": lake}

    return [(name, plain(column)) for name, column in document["properties"].items()]


def test_the_contract_is_the_same_and_what_the_query_says_is_not_stated(
    spark: SparkSession, tmp_path: Path, lakehouse: Call
) -> None:
    root = copy_project(tmp_path)
    before = {table: document_of(root, table) for table in TABLES}
    texts = {table: shorten(spark, root, table) for table in TABLES}
    assert [str(fault) for fault in read_tree(root).faults] == []
    for table, document in before.items():
        after = document_of(root, table)
        assert columns(after) == columns(document)
        assert after["required"] == document["required"]
        assert after["x-lake"]["primary_key"] == document["x-lake"]["primary_key"]
    assert "city: derived min_length=1" in texts["gold.customer_locations"]
    assert "derived pii=masked from=bronze.snowflake_customers.email" in texts["silver.customers"]
    assert "derive: true" not in texts["gold.dim_product"]
    # The command that derives later finds nothing to change.
    assert [outcome.changed for outcome in derive(spark, root)] == [False, False, False]
    words = ("contracts", "expand", "gold.customer_locations", "--write", "--project", str(root))
    assert lakehouse(*words).code == 0
    left = {file.name for file in (root / "schemas/gold").glob("customer_locations.*")}
    assert left == {"customer_locations.schema.json", "customer_locations.dq.yml"}


def test_a_column_that_the_contract_lacks_is_one_clear_error(spark: SparkSession, tmp_path: Path) -> None:
    root = copy_project(tmp_path)
    file = root / "schemas/gold/customer_locations.schema.json"
    document = json.loads(file.read_text())
    del document["properties"]["sessions"]
    document["required"].remove("sessions")
    file.write_text(json.dumps(document))
    with pytest.raises(DeriveError, match=r"RUN681 .* gives sessions, which the contract lacks"):
        shorten(spark, root, "gold.customer_locations")
    with pytest.raises(DeriveError, match="no query and no function makes it"):
        shorten(spark, root, "bronze.fx_rates")
    assert file.exists()
