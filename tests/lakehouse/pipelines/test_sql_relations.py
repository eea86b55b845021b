"""A name is a table where a table stands; elsewhere it is a column, whatever it is spelled like."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.pipelines.sql import read_statements, statements
from lakehouse.pipelines.sql_lint import check_text
from lakehouse.reading.faults import Collector

QUERIES = {
    "SELECT gold.x FROM silver.a gold": "SELECT gold.x FROM lake__silver_a gold",
    "SELECT m.gold.cnt FROM silver.a m": "SELECT m.gold.cnt FROM lake__silver_a m",
    "SELECT a.x, silver.a.y, a.* FROM silver.a": (
        "SELECT lake__silver_a.x, lake__silver_a.y, lake__silver_a.* FROM lake__silver_a"
    ),
    "WITH a AS (SELECT * FROM silver.a) SELECT a.x FROM a": (
        "WITH a AS (SELECT * FROM lake__silver_a) SELECT a.x FROM a"
    ),
    "SELECT a.x FROM silver.b a, silver.a b": "SELECT a.x FROM lake__silver_b a, lake__silver_a b",
    "SELECT extract(YEAR FROM gold.ts) FROM silver.a gold": (
        "SELECT extract(YEAR FROM gold.ts) FROM lake__silver_a gold"
    ),
    "SELECT 1 FROM silver.a s WHERE s.x IS NOT DISTINCT FROM gold.y": (
        "SELECT 1 FROM lake__silver_a s WHERE s.x IS NOT DISTINCT FROM gold.y"
    ),
    "SELECT * FROM (silver.a JOIN silver_db.b USING (id)), kafka_bronze.c": (
        "SELECT * FROM (lake__silver_a JOIN lake__silver_b USING (id)), lake__bronze_c"
    ),
    "SELECT * FROM STREAM(\n  gold_db.a\n) AS s": "SELECT * FROM lake__gold_a AS s",
}


@pytest.mark.parametrize("query", QUERIES)
def test_tables_are_found_where_they_stand(query: str) -> None:
    (statement,) = statements(f"CREATE TABLE gold.t AS {query}")
    assert statement.query == QUERIES[query]


def test_a_place_in_the_query_is_found_in_the_file() -> None:
    text = "-- a\nCREATE TABLE gold.t AS\nSELECT a.x,\n  bad FROM STREAM(\n\n silver.a ) a\nWHERE worse"
    (statement,) = statements(text)
    assert statement.position(text, statement.query.index("bad")) == (4, 3)
    assert statement.position(text, statement.query.index("worse")) == (7, 7)
    assert statement.position(text, statement.query.index("lake__")) == (4, 12)


def test_every_statement_that_is_not_understood_is_told_and_the_others_are_read() -> None:
    text = "DROP TABLE gold.a;\nCREATE TABLE gold.b AS SELECT 1 AS x;\nDELETE FROM gold.c;\n"
    read, errors = read_statements(text)
    assert [s.table for s in read] == ["gold.b"]
    assert [e.line for e in errors] == [1, 3]


def test_faults_of_a_query_have_their_columns() -> None:
    text = "CREATE TABLE gold.b AS\nSELECT id::int AS x,\n  now() AS y\nFROM silver.a QUALIFY 1 = 1"
    faults = Collector(Path("/tree"))
    check_text(text, Path("/tree/x.sql"), faults)
    assert {(f.line, f.column) for f in faults.faults} == {(2, 10), (3, 3), (4, 23)}
