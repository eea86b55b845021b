"""Every fault that a suite can have is reported with file, line, column, value, wanted shape and nearest
name.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lakehouse.contracts.builders import SUITE, Case, expect_one, write

RULE = "expect_column_values_to_not_be_null\n    kwargs: {column: order_id}"
IN_TABLE = "expect_column_values_to_exist_in_table\n    kwargs: "
IN_SET = "expect_column_values_to_be_in_set\n    kwargs: {column: "
SUITE_CASES = [
    Case(
        "table: silver.orders",
        "table: silver.order",
        "LK201",
        "silver.order",
        "silver.order",
        "silver.orders",
    ),
    Case("severity: critical", "severity: fatal", "LK103", "fatal", "fatal", "'critical' or 'warn'"),
    Case(
        "severity: critical",
        "severity: critical\n    severty: critical",
        "LK101",
        "severty",
        "severty",
        "severity",
        "severity",
    ),
    Case(
        "expect_column_values_to_not_be_null",
        "expect_column_values_not_null",
        "LK209",
        "expect_column_values_not_null",
        "expect_column_values_not_null",
        "Great Expectations",
        "expect_column_values_to_not_be_null",
    ),
    Case(
        "{column: order_id}", "{column: order_ids}", "LK206", "order_ids", "order_ids", "a column", "order_id"
    ),
    Case("{column: order_id}", "{}", "LK210", "expect_column_values_to_not_be_null", "column", "column"),
    Case(
        "{column: order_id}", "{column: order_id, mosty: 0.9}", "LK210", "mosty", "mosty", "mostly", "mostly"
    ),
    Case("{column: order_id}", "{column: order_id, mostly: 2}", "LK210", "2}", "2", "at most 1"),
    Case("{column: order_id}", "{column: [order_id]}", "LK210", "[order_id]", "['order_id']", "a text"),
    Case(
        "min_value: 0, max_value: 10",
        "strict_min: true",
        "LK210",
        "expect_column_values_to_be_between",
        "",
        "min_value, max_value or both",
    ),
    Case("min_value: 0", "min_value: 11", "LK210", "11", "11", "lesser one first"),
    Case(
        RULE,
        "expect_column_values_to_match_regex\n    kwargs: {column: currency, regex: '('}",
        "LK207",
        "'('",
        "(",
        "regular expression",
    ),
    Case(
        RULE,
        "expect_compound_columns_to_be_unique\n    kwargs: {column_list: order_id}",
        "LK210",
        "order_id",
        "order_id",
        "a list",
    ),
    Case(
        RULE,
        IN_TABLE + "{column: order_id, table: silver.odrers, table_column: order_id}",
        "LK208",
        "silver.odrers",
        "silver.odrers",
        "schemas/",
        "silver.orders",
    ),
    Case(
        RULE,
        IN_TABLE + "{column: order_id, table: silver.orders, table_column: oder_id}",
        "LK206",
        "oder_id",
        "oder_id",
        "a column",
        "order_id",
    ),
    Case(
        RULE,
        IN_TABLE + "{column: currency, table: silver.orders, table_column: amount}",
        "LK226",
        "amount}",
        "amount",
        "two columns of one kind",
    ),
    Case(
        "severity: warn",
        "severity: warn\n    severity: critical",
        "LK005",
        "severity: critical\n",
        "severity",
        "once",
    ),
    Case("min_value: 0", "min_value: 2017-01-01", "LK226", "2017-01-01", "2017-01-01", "a number"),
    Case("column: amount, min", "column: currency, min", "LK226", "currency", "currency", "numbers or times"),
    Case(
        "column: amount, min_value: 0, max_value: 10",
        "column: updated_at, min_value: 5",
        "LK226",
        "5}",
        "5",
        "a date or time",
    ),
    Case(
        "column: amount, min_value: 0, max_value: 10",
        "column: updated_at, min_value: '20170131'",
        "LK226",
        "'20170131'",
        "20170131",
        "a date or time",
    ),
    Case(
        "column: amount, min_value: 0, max_value: 10",
        "column: updated_at, max_value: 2017-W05-2",
        "LK226",
        "2017-W05-2",
        "2017-W05-2",
        "a date or time",
    ),
    Case("min_value: 0, max_value: 10", "min_value: .inf", "LK210", ".inf", "inf", "a number"),
    Case(
        "column: amount, min_value: 0, max_value: 10",
        "column: updated_at, min_value: 2017-02-01, max_value: 2017-01-31",
        "LK210",
        "2017-02-01",
        "2017-02-01",
        "lesser one first",
    ),
    Case(RULE, IN_SET + "currency, value_set: [USD, 1]}", "LK226", "1]", "1", "a text"),
    Case(RULE, IN_SET + "currency, value_set: [USD, true]}", "LK226", "true", "True", "a text"),
    Case(RULE, IN_SET + "order_id, value_set: [1, '2']}", "LK226", "'2'", "2", "a number"),
    Case(
        RULE,
        "expect_column_sum_to_be_between\n    kwargs: {column: updated_at, min_value: 1}",
        "LK226",
        "updated_at",
        "updated_at",
        "a column of numbers",
    ),
    Case(
        RULE,
        "expect_column_pair_values_a_to_be_greater_than_b"
        "\n    kwargs: {column_A: amount, column_B: currency}",
        "LK226",
        "currency}",
        "currency",
        "one kind",
    ),
    Case("severity: warn", "severity: *all", "LK009", "*all", "all", "written out"),
]


@pytest.mark.parametrize("case", SUITE_CASES, ids=lambda c: f"{c.code}-{c.value}")
def test_a_fault_in_a_suite(case: Case, tmp_path: Path) -> None:
    text = SUITE.replace(case.old, case.new, 1)
    assert text != SUITE
    write(tmp_path, suite=text)
    if case.code == "LK005":  # the first severity: critical is another rule's
        text = text.replace(case.at, "S" * len(case.at) + "\n", 1)
    expect_one(tmp_path, case, text, "schemas/silver/orders.dq.yml")
