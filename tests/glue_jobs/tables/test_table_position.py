"""A position is a table and a version of it: another table is read whole."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.tables import table_position
from glue_jobs.tables.table_position import TablePosition, is_news, parse, version_read
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract, frame, target

A5: dict[str, Any] = {"id": "a", "version": 5}


@pytest.mark.parametrize(
    ("position", "until", "since"),
    [
        (A5, {"id": "a", "version": 7}, 5),
        (A5, A5, 5),
        (5, {"id": "a", "version": 7}, 5),
        (5, {"id": "a", "version": 3}, None),
        (A5, {"id": "b", "version": 7}, None),
        (A5, {"id": "a", "version": 3}, None),
        (None, A5, None),
        ({"id": "", "version": -1}, A5, None),
        (-1, A5, None),
    ],
)
def test_changes_are_new_since_the_version_of_the_same_table(position: Any, until: Any, since: Any) -> None:
    assert version_read(position, until) == since


@pytest.mark.parametrize(
    ("position", "until", "news"),
    [(A5, A5, False), (5, A5, False), (A5, {"id": "b", "version": 5}, True), (A5, 6, True), (None, A5, True)],
)
def test_another_version_or_another_table_is_news(position: Any, until: Any, news: bool) -> None:
    assert is_news(position, until) is news


def test_a_table_that_is_made_anew_has_another_position(spark: SparkSession, local_env: Environment) -> None:
    to = target(spark, local_env, contract())
    rows = frame(spark, "id bigint, value string, changed_at timestamp", (1, "a", None))
    missing = table_position.current(spark, to.uri)
    rows.write.format("delta").save(to.uri)
    first = table_position.current(spark, to.uri)
    rows.write.format("delta").mode("append").save(to.uri)
    second = table_position.current(spark, to.uri)
    assert missing == TablePosition("", -1)
    assert (first.version, second.version, first.id) == (0, 1, second.id)
    assert parse(second.as_json()) == second
    assert first.is_same_table(second)
    assert not second.is_same_table(first)
