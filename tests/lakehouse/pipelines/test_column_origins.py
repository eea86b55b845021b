"""Columns of queries are followed to the stored columns that they hold, or said to be unknown."""

from __future__ import annotations

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.pipelines.column_origins import UnsureError, inherited, namesakes, origins_of
from lakehouse.pipelines.sql import statements

CONTRACTS = load_schemas().contracts
CUSTOMERS = "silver.customers"


def origins(query: str) -> dict[str, tuple[str, ...]]:
    (statement,) = statements(f"CREATE OR REPLACE TABLE gold.x AS {query}")
    return origins_of(statement, ["x"], CONTRACTS)


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT email AS x FROM silver.customers", ["email"]),
        ("SELECT upper(c.email) || c.phone AS x FROM silver.customers c", ["email", "phone"]),
        ("WITH c AS (SELECT * FROM silver.customers) SELECT max(c.age) AS x FROM c", ["age"]),
        ("SELECT (SELECT max(email) FROM silver.customers) AS x", ["email"]),
        (
            "SELECT email AS x FROM silver.customers UNION ALL SELECT phone FROM silver.customers",
            ["email", "phone"],
        ),
        ("SELECT v.x FROM silver.customers LATERAL VIEW explode(array(email)) v AS x", ["email"]),
        ("SELECT CASE WHEN age = '65+' THEN phone END AS x FROM silver.customers", ["age", "phone"]),
        ("SELECT count(*) AS x FROM silver.customers", []),
        ("SELECT 1 AS x FROM silver.customers", []),
    ],
)
def test_column_is_followed_to_all_that_it_holds(query: str, columns: list[str]) -> None:
    assert sorted(origins(query)["x"]) == [f"{CUSTOMERS}.{name}" for name in columns]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT to_json(struct(*)) AS x FROM silver.customers",
        "SELECT to_json(struct(c.*)) AS x FROM silver.customers c",
        "SELECT inline(array(struct(email))) AS (x) FROM silver.customers",
        "SELECT y AS z FROM silver.customers",
    ],
)
def test_column_that_cannot_be_followed_is_left_out(query: str) -> None:
    assert origins(query) == {}


@pytest.mark.parametrize(
    ("columns", "tags", "mask"),
    [
        (["email"], {"pii": "masked"}, None),
        (["age"], {"pii": "protected"}, "clear"),
        (["email", "age"], {"pii": "protected"}, "clear"),
        (["country"], {"pii": "none"}, None),
        ([], {"pii": "none"}, None),
    ],
)
def test_tags_of_personal_data_are_inherited(
    columns: list[str], tags: dict[str, str], mask: str | None
) -> None:
    words = inherited("x", tuple(f"{CUSTOMERS}.{name}" for name in columns), [CUSTOMERS], CONTRACTS)
    assert (words["tags"], words.get("mask")) == (tags, mask)


def test_what_is_masked_when_it_is_read_comes_masked() -> None:
    table = "bronze.snowflake_customers"
    assert inherited("x", (f"{table}.email",), [table], CONTRACTS) == {"tags": {"pii": "masked"}}


def test_column_of_unknown_origin_is_a_question_where_an_input_is_personal() -> None:
    with pytest.raises(UnsureError, match="nothing says whether 'x' holds some of 'email'"):
        inherited("x", None, [CUSTOMERS], CONTRACTS)
    assert inherited("x", None, ["gold.dim_date"], CONTRACTS) == {"tags": {"pii": "none"}}


def test_names_tell_origins_of_a_function_that_reads_nothing_personal() -> None:
    name = CONTRACTS["gold.dim_date"].column_names[0]
    assert namesakes([name, "x"], ["gold.dim_date"], CONTRACTS) == {name: (f"gold.dim_date.{name}",)}
    assert namesakes(["email", "country"], [CUSTOMERS], CONTRACTS) == {}
