"""Histories that arrive on CDC topics end in the silver tables that they end in from files."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from tests.histories.changes import Histories, generate
from tests.histories.contracts import COLUMNS, KEYS
from tests.histories.oracle import Oracle
from tests.histories.tables import HistoryTables
from tests.histories.topics import HistoryTopics

FEW, MANY, BATCHES, SEED = 100, 1_000, 2, 2018


def agree(histories: Histories, env: Environment, spark: SparkSession) -> None:
    """Of states of one instant either may win, so keys that have such are compared by their number alone."""
    files, topics, oracle = HistoryTables(env, spark), HistoryTopics(env, spark), Oracle(histories)
    files.load_silver(histories)
    for batch in histories.batches:
        topics.arrive(batch)
    for name, keys in KEYS.items():
        columns, key = ", ".join(COLUMNS[name]), ", ".join(keys)
        untied = f"""
            SELECT {key} FROM (SELECT DISTINCT * FROM {name} WHERE {keys[0]} IS NOT NULL)
            GROUP BY {key} HAVING count(*) = count(DISTINCT updated_at)
        """
        for way, table in (("files", files.table("silver", name)), ("topic", topics.table(name))):
            oracle.take(f"{way}_{name}", table)
        rows = {
            way: f"SELECT {columns} FROM {way}_{name} WHERE ({key}) IN ({untied})"
            for way in ("files", "topic")
        }
        assert oracle.rows(f"(({rows['files']}) EXCEPT ALL ({rows['topic']})) LIMIT 5") == []
        assert oracle.rows(f"(({rows['topic']}) EXCEPT ALL ({rows['files']})) LIMIT 5") == []
        assert oracle.rows(f"SELECT count(*) FROM ({rows['topic']})")[0][0] > len(histories.rows(name)) / 10
        total = [oracle.rows(f"SELECT count(*) FROM {way}_{name}") for way in ("files", "topic")]
        assert total[0] == total[1]


def test_a_hundred_histories_agree_from_files_and_from_a_cdc_topic(
    local_env: Environment, spark: SparkSession
) -> None:
    agree(generate(FEW, BATCHES, SEED), local_env, spark)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2019, 2020])
def test_a_thousand_histories_agree_from_files_and_from_a_cdc_topic(
    seed: int, local_env: Environment, spark: SparkSession
) -> None:
    agree(generate(MANY, BATCHES + 2, seed), local_env, spark)
