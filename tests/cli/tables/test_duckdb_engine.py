"""A query on a laptop reads the tables that it names, and nothing else of the machine."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from cli.tables.duckdb_engine import run_query
from cli.tables.layer_names import named_tables, with_databases
from glue_jobs.errors import RunError

ROWS = pa.table({"id": [1, 2, 3], "country": ["AT", "DE", "AT"]})
OPENED: list[str] = []


def open_table(table: str) -> ds.Dataset:
    OPENED.append(table)
    return ds.dataset(ROWS)


def ask(sql: str) -> list[tuple[object, ...]]:
    OPENED.clear()
    return run_query(sql, open_table)[1]


def test_a_table_is_found_by_its_layer_and_by_the_names_that_pipelines_use() -> None:
    assert ask("SELECT count(*) FROM silver.orders o JOIN gold_db.fact f USING (id)") == [(3,)]
    assert OPENED == ["gold.fact", "silver.orders"]
    assert ask('SELECT max(id) FROM "kafka_bronze"."events"') == [(3,)]
    assert OPENED == ["bronze.events"]


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT 'gold.fact' AS x FROM silver.orders", [("silver", "orders")]),
        ("SELECT gold.id FROM silver.orders AS gold", [("silver", "orders")]),
        ("WITH gold AS (SELECT * FROM silver.orders) SELECT gold.id FROM gold", [("silver", "orders")]),
        ("SELECT 1 -- gold.fact\n", []),
        (
            "SELECT (SELECT max(id) FROM gold.fact) FROM SILVER.Orders",
            [("SILVER", "Orders"), ("gold", "fact")],
        ),
        ("SELECT rows FROM", []),
    ],
)
def test_text_aliases_and_names_of_a_with_are_no_tables(sql: str, tables: list[tuple[str, str]]) -> None:
    assert named_tables(sql, "duckdb") == tables


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT gold.dim.id FROM gold.dim", "SELECT lk_gold.dim.id FROM lk_gold.dim"),
        ("SELECT gold.id FROM silver.a AS gold", "SELECT gold.id FROM lk_silver.a AS gold"),
        ("SELECT 1 FROM gold.a -- gold.b", "SELECT 1 FROM lk_gold.a -- gold.b"),
        ("SELECT 1 FROM gold.a WHERE u = 'gold.b'", "SELECT 1 FROM lk_gold.a WHERE u = 'gold.b'"),
        ('SELECT 1 FROM "gold"."a"', 'SELECT 1 FROM "lk_gold"."a"'),
        ("WITH gold AS (SELECT 1 x) SELECT gold.x FROM gold",) * 2,
        ("EXPLAIN SELECT 1 FROM kafka_bronze.a", "EXPLAIN SELECT 1 FROM lk_bronze.a"),
        ("SELECT 1 FROM c.gold_db.a", "SELECT 1 FROM c.lk_gold.a"),
        ("no query of gold.a",) * 2,
    ],
)
@pytest.mark.parametrize("dialect", ["athena", "postgres"])
def test_only_names_of_tables_get_the_database_of_an_engine(sql: str, expected: str, dialect: str) -> None:
    assert with_databases(sql, dialect, lambda layer: f"lk_{layer}") == expected


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("", "there is no query"),
        (" ; -- nothing", "there is no query"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("SELECT 1 FROM silver.orders; DROP VIEW silver.orders", "2 statements"),
        ("DROP VIEW silver.orders", "DROP is no query"),
        ("CREATE TABLE x AS SELECT 1", "CREATE is no query"),
        ("UPDATE silver.orders SET id = 1", "UPDATE is no query"),
        ("SET VARIABLE x = 1", "SET is no query"),
    ],
)
def test_what_is_no_one_query_is_refused_before_it_seems_to_have_done_something(
    sql: str, message: str
) -> None:
    with pytest.raises(RunError, match=message):
        ask(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "TABLE silver.orders",
        "EXPLAIN SELECT * FROM silver.orders",
        "PIVOT silver.orders ON country USING count(*)",
        "DESCRIBE silver.orders",
        "FROM silver.orders",
    ],
)
def test_other_forms_of_a_query_find_their_tables(sql: str) -> None:
    assert ask(sql)
    assert OPENED == ["silver.orders"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO '{file}.out'",
        "EXPORT DATABASE '{file}.out'",
        "ATTACH '{file}.db' AS other",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "PRAGMA enable_external_access = true",
        "SELECT * FROM ROWS",
        "SELECT getenv('HOME')",
        "SELECT 1; COPY (SELECT 1) TO '{file}.out'",
        "SELECT * FROM sniff_csv('{file}')",
    ],
)
def test_a_query_reaches_no_file_and_no_setting(sql: str, tmp_path: Path) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(RunError, match="RUN060"):
        ask(sql.replace("{file}", str(file)))
    assert [f.name for f in tmp_path.iterdir()] == ["secret.csv"]


def test_an_error_is_duckdbs_own() -> None:
    with pytest.raises(RunError, match='Referenced column "country_code" not found'):
        ask("SELECT country_code FROM silver.orders")


@pytest.mark.parametrize(
    "call",
    [
        "enable_profiling(format='json', save_location='{file}')",
        "\"ENABLE_PROFILING\" /* ( */ (save_location='{file}')",
        "enable_logging -- x\n (storage_path='{file}')",
        "query('SELECT 1')",
        "query_table(['silver.orders'])",
        "checkpoint()",
        "truncate_duckdb_logs()",
    ],
)
def test_functions_that_change_the_process_or_run_texts_are_refused(call: str, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    for sql in ("SELECT * FROM {}", "PIVOT (SELECT o.id, 'x' AS k FROM silver.orders o, {}) ON k"):
        with pytest.raises(RunError, match="does more than read tables") as error:
            ask(sql.format(call.replace("{file}", str(file))))
        assert (error.value.code, error.value.exit_code) == ("RUN060", 2)
    assert not file.exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "a.b", "orders/../x", "ördërs"])
def test_a_name_that_no_table_has_is_refused(name: str) -> None:
    with pytest.raises(RunError, match="no name of a table") as error:
        ask(f'SELECT * FROM silver."{name}"')
    assert error.value.exit_code == 2
    assert OPENED == []
