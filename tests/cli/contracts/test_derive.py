"""Contracts leave columns to their queries: they are derived by Spark, written, and then known without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from cli.contracts.derive import derive
from cli.project.tree import Tree, read_tree
from glue_jobs.analysis.derive import DeriveError
from glue_jobs.analysis.project import check_project
from lakehouse.reading.faults import Collector
from tests.project_marker import copy_project

GRAPH = """title: Households, by country
owner: retail_data
notification_email: "#retail"
jobs:
  bands: {sql: sql/bands.sql}
  totals: {sql: sql/totals.sql}
  shares: {python: shares.py, reads: [gold.totals], writes: [gold.shares]}
"""
BANDS = """CREATE OR REPLACE TABLE gold.bands AS
SELECT country, email, upper(age) AS band, coalesce(age, phone) AS any_of, count(*) AS households,
  max(updated_at) AS newest, CAST(1.5 AS decimal(4, 2)) AS weight
FROM silver.customers GROUP BY country, email, age, phone
"""
TOTALS = """CREATE OR REPLACE TABLE gold.totals AS
SELECT country, sum(weight * households) AS total FROM gold.bands GROUP BY country
"""
SHARES = """def shares(gold_totals):
    return gold_totals.selectExpr("country", "total / sum(total) OVER () AS share", "map(country, 1) AS of")
"""
HEAD = "description: Households.\nowner: retail_data\nwrite: replace\nderive: true\n"
CONTRACTS = {
    "bands": HEAD + "key: [country, email, band, any_of]\ncolumns:\n"
    "  households: derived pii=none min=1 | Households of the band.\n",
    "totals": HEAD + "key: [country]\n",
    "shares": HEAD + "columns:\n  country: string key pii=none | Where.\n",
}


def project(folder: Path) -> Path:
    root = copy_project(folder)
    files = {"pipeline.yml": GRAPH, "sql/bands.sql": BANDS, "sql/totals.sql": TOTALS, "shares.py": SHARES}
    for name, text in files.items():
        file = root / "pipelines" / "households" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for name, text in CONTRACTS.items():
        (root / "schemas" / "gold" / f"{name}.yml").write_text(text)
    return root


def faults(tree: Tree) -> list[tuple[str, str]]:
    return [(fault.code, fault.file.rsplit("/")[-1]) for fault in tree.faults]


def test_columns_are_those_of_queries_and_functions_with_their_tags(
    spark: SparkSession, tmp_path: Path
) -> None:
    root = project(tmp_path)
    assert ("LK272", "totals.yml") in faults(read_tree(root))
    outcomes = list(derive(spark, root))
    assert [(o.table, o.columns, o.changed) for o in outcomes] == [
        ("gold.bands", 7, True),
        ("gold.totals", 2, True),
        ("gold.shares", 3, True),
    ]
    tree = read_tree(root)
    assert [str(fault) for fault in tree.faults] == []
    deep = Collector(root)
    check_project(spark, [job for job in tree.jobs if job.pipeline == "households"], tree.schemas, deep)
    assert [fault for fault in deep.faults if "households" in fault.file] == []
    bands, totals, shares = (tree.schemas.contracts[f"gold.{name}"] for name in ("bands", "totals", "shares"))
    assert [(c.name, c.type, c.nullable, c.lake.tags["pii"], c.lake.mask) for c in bands.columns] == [
        ("country", "string", False, "none", None),
        ("email", "string", False, "masked", None),
        ("band", "string", False, "protected", "clear"),
        ("any_of", "string", False, "protected", "clear"),
        ("households", "bigint", True, "none", None),
        ("newest", "timestamp", True, "none", None),
        ("weight", "decimal(4,2)", True, "none", None),
    ]
    assert bands.by_name["any_of"].lake.derived_from == ["silver.customers.age", "silver.customers.phone"]
    assert [dict(bands.by_name["households"].rules())["minimum"]] == [1]
    # Spark's own types, as it is asked for the same query once more.
    judged = spark.sql(
        "SELECT country, sum(weight * households) AS total FROM VALUES "
        "('a', CAST(1.5 AS decimal(4,2)), 1L) AS bands(country, weight, households) GROUP BY country"
    )
    assert [(c.name, c.type) for c in totals.columns] == judged.dtypes
    assert [c.type for c in shares.columns][2] == "map<string,int>"
    assert [o.changed for o in derive(spark, root)] == [False, False, False]


def test_change_of_a_query_or_an_input_is_seen_without_spark(spark: SparkSession, tmp_path: Path) -> None:
    root = project(tmp_path)
    list(derive(spark, root))
    sql = root / "pipelines/households/sql/totals.sql"
    sql.write_text(TOTALS.replace("sum(", "max("))
    assert faults(read_tree(root)) == [("LK273", "totals.columns.json")]
    sql.write_text(TOTALS)
    customers = root / "schemas/silver/customers.schema.json"
    document = json.loads(customers.read_text())
    document["properties"]["age"]["x-lake"]["tags"]["pii"] = "name"
    customers.write_text(json.dumps(document))
    assert ("LK273", "bands.columns.json") in faults(read_tree(root))


def test_personal_data_is_never_lost_where_nobody_can_follow_it(spark: SparkSession, tmp_path: Path) -> None:
    root = project(tmp_path)
    (root / "pipelines/households/sql/bands.sql").write_text(
        "CREATE OR REPLACE TABLE gold.bands AS\n"
        "SELECT country, to_json(struct(*)) AS email FROM silver.customers\n"
    )
    with pytest.raises(
        DeriveError, match="nothing says whether 'email' holds some of 'email'; state its tags"
    ):
        list(derive(spark, root))
    contract = root / "schemas/gold/bands.yml"
    contract.write_text(
        CONTRACTS["bands"].split("key:")[0] + "columns:\n"
        "  country: derived key | Where.\n"
        "  email: derived pii=protected mask=clear | All of it.\n"
    )
    (root / "pipelines/households/sql/totals.sql").write_text(TOTALS.replace("weight * households", "1"))
    list(derive(spark, root))
    column = read_tree(root).schemas.contracts["gold.bands"].by_name["email"]
    assert (column.lake.tags, column.lake.mask, column.type) == ({"pii": "protected"}, "clear", "string")


@pytest.mark.parametrize(
    ("table", "text", "code"),
    [
        ("bands", HEAD.replace("owner", "source: {kind: landing, object: a, format: csv}\nowner"), "LK272"),
        ("totals", HEAD.replace("derive: true\n", "key: [country]\n"), "LK102"),
        ("totals", HEAD.replace("derive: true\n", "columns:\n  country: derived key | Where.\n"), "LK272"),
    ],
)
def test_columns_that_nothing_derives_are_a_fault(tmp_path: Path, table: str, text: str, code: str) -> None:
    root = project(tmp_path)
    (root / "schemas" / "gold" / f"{table}.yml").write_text(text)
    assert (code, f"{table}.yml") in faults(read_tree(root))


def test_file_of_derived_columns_that_nobody_reads_is_a_fault(tmp_path: Path) -> None:
    root = project(tmp_path)
    stated = HEAD.replace("derive: true\n", "columns:\n  country: string key pii=none | Where.\n")
    (root / "schemas/gold/totals.yml").write_text(stated)
    (root / "schemas/gold/totals.columns.json").write_text('{"digest": "x", "columns": {}}')
    assert ("LK212", "totals.columns.json") in faults(read_tree(root))


def test_spoiled_file_of_derived_columns_is_a_fault(tmp_path: Path) -> None:
    root = project(tmp_path)
    (root / "schemas/gold/totals.columns.json").write_text('{"digest": "x", "columns": {"a": "strin | b"}}')
    assert ("LK272", "totals.columns.json") in faults(read_tree(root))
