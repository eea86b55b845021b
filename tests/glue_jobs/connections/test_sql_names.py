"""A quoted name is always one name, in every dialect."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from glue_jobs.connections.sql_names import qualified, quoted


@pytest.mark.parametrize("name", ['a"; DROP TABLE x; --', "a.b", "a b", "é", "select"])
def test_a_name_is_never_more_than_a_name(name: str) -> None:
    for dialect in ("snowflake", "postgres", "redshift"):
        statement = sqlglot.parse_one(f"SELECT {quoted(name)} FROM t", read=dialect)
        column = statement.find(exp.Column)
        assert column is not None
        assert column.name == name


def test_plain_names_get_the_case_of_the_warehouse() -> None:
    assert qualified("retail.Public.ORDERS", str.upper) == '"RETAIL"."PUBLIC"."ORDERS"'
    assert qualified("Public.behavior", str.lower) == '"public"."behavior"'


@pytest.mark.parametrize("name", ["", "a%sb", "a\0b"])
def test_a_name_that_a_driver_could_take_for_a_bound_value_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a valid SQL name"):
        quoted(name)
