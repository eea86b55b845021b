"""A row expression is taken when Lake Formation would take it, and refused with the shape that is wanted when
it would not.
"""

from __future__ import annotations

import pytest

from lakehouse.access.expression import MOST, ExpressionError, check_expression

COLUMNS = {
    "id": "bigint",
    "amount": "decimal(18,2)",
    "country": "string",
    "active": "boolean",
    "day": "date",
    "at": "timestamp",
}


@pytest.mark.parametrize(
    "text",
    [
        "id = 1",
        "amount >= -1.50",
        "active = true AND NOT active = false",
        "country in ('DE', 'it''s') or (country LIKE 'D%' and id between 1 and 9)",
        "country not in ('DE') and country is not null",
        "day > date '2017-01-31' and at < timestamp '2017-01-31 00:00:00'",
        "not (not (id <> 1))",
        "((((id = 1))))",
        "country <> 'or; -- x'",
    ],
)
def test_it_is_taken(text: str) -> None:
    check_expression(text, COLUMNS)


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("", "the end"),
        ("active", "the end"),
        ("true", "true"),
        ("id = ", "the end"),
        ("id = 1 and", "the end"),
        ("id = 1 id = 2", "id"),
        ("id == 1", "="),
        ("1 = id", "1"),
        ("(id = 1", "the end"),
        ("id = 1)", ")"),
        ("id = '1'", "bigint"),
        ("country = 1", "string"),
        ("active = 'true'", "boolean"),
        ("day = '2017-01-31'", "date"),
        ("id like '1%'", "bigint"),
        ("upper(country) = 'DE'", "upper"),
        ("other = 1", "other"),
        ("country = country", "country"),
        ("id = 1; drop table x", "; drop"),
        ("id = 1 -- x", "-- x"),
        ("country = 'DE", "'DE"),
        ("id in ()", ")"),
        ("id in (select 1)", "select"),
        ("id between 1 or 2", "or"),
        ("(" * 60 + "id = 1" + ")" * 60, "brackets"),
        ("id = 1" + " or id = 1" * MOST, "characters"),
    ],
)
def test_it_is_refused_and_says_at_what(text: str, token: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        check_expression(text, COLUMNS)
    assert token in str(caught.value)
    assert caught.value.wanted
