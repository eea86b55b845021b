"""A row rule is a condition over one row: what reaches beyond it is refused, and everything else is not."""

from __future__ import annotations

import pytest

from lakehouse.pipelines.sql_condition import condition_refusals

COLUMNS = ("starts_at", "ends_at", "amount", "currency", "items", "address", "code")


@pytest.mark.parametrize(
    "sql",
    [
        "ends_at >= starts_at",
        "amount > 0 OR currency IS NULL",
        r"NOT (amount < 0 AND currency = 'it\'s; -- no comment')",
        "code LIKE ANY ('a%', 'b%')",
        "coalesce(amount, 0) BETWEEN -1 AND 1e3",
        "exists(items, x -> x.price > amount)",
        "address.city IS NOT NULL",
        "CASE WHEN currency = 'EUR' THEN amount < 1000 ELSE true END",
        "amount IN (1, 2, 3)",
        "isnotnull(code)",
        "`amount` = 1",
        r"code RLIKE '^\\d{3}$' AND code NOT RLIKE '^[^,]*(?:,[^,]*)*$'",
    ],
)
def test_a_condition_over_the_columns_of_a_row_is_taken(sql: str) -> None:
    assert condition_refusals(sql, COLUMNS) == []


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("ends_at >= current_timestamp", "reads the clock"),
        ("starts_at < now()", "calls now"),
        ("amount > sum(amount)", "calls sum, which is of no single row"),
        ("amount + 1", "is no condition"),
        ("-amount", "is no condition"),
        ("(amount * 2)", "is no condition"),
        ("code || currency", "is no condition"),
        ("row_number() OVER (ORDER BY amount) = 1", "of no single row"),
        ("amount > (SELECT max(amount) FROM silver.orders)", "reads more than the row"),
        ("EXISTS (SELECT 1 FROM silver.orders)", "reads more than the row"),
        ("assert_true(amount > 0) IS NULL", "calls assert_true"),
        ("raise_error('no')", "calls raise_error"),
        ("reflect('java.lang.System', 'exit', amount)", "calls reflect"),
        ("amount > :limit", "has a parameter"),
        ("amount > ${limit}", "nothing fills in"),
        ("amount > 0) OR (amount < 0", "is no condition"),
        ("amount > 0 -- why", "has a comment"),
        ("amount > 0 AS positive", "is no condition"),
        ("amount > 0; DROP TABLE x", "is no condition"),
        ("1 = 1", "names no column"),
        ("true", "names no column"),
        ("Amount > 0", "names 'Amount', which is no column of the table"),
        ("ammount > 0", "names 'ammount', which is no column of the table"),
        ("rand() < amount", "calls rand"),
        ("code RLIKE '['", "unterminated character set"),
        ("regexp_like(code, '(?P<x>a)')", "Java has no '(?P<'"),
        (r"code RLIKE '^\d+$'", r"has '\d' in a text, which Spark reads as 'd'"),
        ("code RLIKE '^(a+)+$'", "may cost minutes"),
        ("amount > ALL (1, 2)", "compares with ALL"),
        ("amount IN ()", "has an empty list"),
        ("CAST(code AS DECIMAL(40, 2)) > amount", "a decimal that Spark lacks"),
        ("my_function(amount)", "which is no function that a query may call"),
    ],
)
def test_what_reaches_beyond_the_row_is_refused_and_said(sql: str, message: str) -> None:
    assert any(message in refusal.message for refusal in condition_refusals(sql, COLUMNS)), (
        condition_refusals(sql, COLUMNS)
    )
