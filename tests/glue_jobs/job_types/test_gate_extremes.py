"""The value of a whole table that a gate remembers is the one that a pass over the table would find."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from glue_jobs.job_types.gate import Gate
from glue_jobs.job_types.gate_extremes import EXTREMES, extremes_of, value_before, value_now
from glue_jobs.job_types.gate_judge import judge_table
from glue_jobs.job_types.gate_part import MIN_FILES
from glue_jobs.quality.result import observed
from lakehouse.contracts import Expectation, Schemas, Suite
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract
from tests.glue_jobs.job_types.gate_sales import FIRST, Sales
from tests.glue_jobs.quality.helpers import rule
from tests.glue_jobs.run_harness import RUN_DATE, schemas

VALUES = st.lists(st.integers(0, 5), max_size=4)
RULES = [rule(kind, column="amount") for kind in EXTREMES]


@pytest.mark.parametrize("of", RULES, ids=EXTREMES)
@settings(max_examples=300, deadline=None)
@given(VALUES, VALUES, VALUES)
def test_a_value_that_is_known_is_the_whole_tables(
    of: Expectation, unchanged: list[int], removed: list[int], added: list[int]
) -> None:
    best = min if "min" in of.type else max

    def value(rows: list[int]) -> int | None:
        return best(rows) if rows else None

    known = value_now(of, value(unchanged + removed), value(added), value(removed))
    assert known in (None, value(unchanged + added))
    if not removed and unchanged:
        assert known is not None


@pytest.mark.parametrize(
    "value", [date(2017, 1, 1), datetime(2017, 1, 1, tzinfo=UTC), 5, 1.5, Decimal("0.10"), "text", None]
)
def test_values_are_remembered_as_they_were_but_for_texts(value: Any) -> None:
    of = rule("expect_column_max_to_be_between", column="value")
    stored = extremes_of([observed("silver.things", of, 1, True, value)], contract())
    assert value_before(of, stored) == (None if isinstance(value, str) else value)
    assert value_now(of, value, float("nan"), None) is None


def test_a_value_of_a_person_is_not_remembered() -> None:
    tagged = {"type": "string", "format": "date", "x-lake": {"tags": {"pii": "birth"}}}
    of = rule("expect_column_max_to_be_between", column="born")
    result = observed("silver.things", of, 1, True, date(2017, 1, 1))
    assert extremes_of([result], contract(properties={"id": {"type": "integer"}, "born": tagged})) == {}


class Broken(Sales):
    """Sales of which the greatest amount is always below what the rule wants, which warns."""

    @property
    def schemas(self) -> Schemas:
        greatest = rule("expect_column_max_to_be_between", "warn", column="amount", min_value=100)
        suite = Suite(table=self.sales.table, expectations=[greatest])
        return schemas(self.sales, self.customers, suites={self.sales.table: suite})


def test_a_rule_that_fails_each_day_is_asked_of_what_changed(
    spark: SparkSession, local_env: Environment
) -> None:
    of = Broken(local_env, spark, MIN_FILES + 1)
    Gate().execute(of.context())
    passed = of.passed()
    greatest = ("int", str(MIN_FILES))
    assert [tuple(value) for value in passed["extremes"].values()] == [greatest]

    def result() -> tuple[bool, int, bool]:
        """(success, observed value, whether a part was judged) of the rule."""
        versions, before = of.versions(), passed["extremes"]
        [r] = judge_table(
            *(spark, local_env, of.schemas, of.sales.table, RUN_DATE),
            **{"versions": versions, "since": passed["versions"], "before": before},
        )
        return r.success, r.observed_value, r.part is not None

    assert result() == (False, MIN_FILES, True)  # nothing has changed but the date
    of.add(of.sales, (1000, FIRST, 5, 1))
    assert result() == (False, MIN_FILES, True)
    of.add(of.sales, (1001, FIRST, 50, 1))
    assert result() == (False, 50, True)
    spark.sql(f"DELETE FROM delta.`{of.uri(of.sales)}` WHERE amount >= {MIN_FILES}")
    assert result() == (False, MIN_FILES - 1, False)  # the greatest is gone: the whole table says what is
