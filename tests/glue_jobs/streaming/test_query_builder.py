"""Tables that a query or a function makes of a topic's sound rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.errors import RunError
from glue_jobs.job_types.stream import Stream
from glue_jobs.run_context import RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.streaming.stream_tasks import StreamTask
from lakehouse.contracts import Contract
from lakehouse.environments import Environment
from lakehouse.pipelines.sql import statements
from tests.glue_jobs.builders import contract
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.glue_jobs.streaming.topic_rows import row

SUMS: dict[str, Any] = {
    "name": {"type": "string"},
    "messages": {"type": "integer"},
    "amount": {"type": ["number", "null"], "x-lake": {"type": "decimal(28,2)"}},
}


def sums(feed: TopicHarness, **lake: Any) -> Contract:
    return contract(
        f"gold.{feed.name}",
        SUMS,
        **{"write": "merge", "primary_key": ["name"], "sequence": "messages", **lake},
    )


def run_with(feed: TopicHarness, query: str, *tables: Contract) -> RunContext:
    """One application that fills the first table from the topic, and the second by `query`."""
    job = feed.job(*tables)
    run = feed.context(job, *tables)
    statement = statements(
        f"CREATE OR REPLACE TABLE {tables[1].table} AS {query.format(feed=tables[0].table)}"
    )[0]
    stream = Stream.of(job)
    stream.tasks[1] = replace(stream.tasks[1], statement=statement)
    stream.execute(run)
    return run


TOTALS = "SELECT name, count(*) AS messages, sum(amount) AS amount FROM STREAM({feed}) GROUP BY name"


@dataclass(frozen=True)
class Totals:
    """Sums by name of a topic; `runs`: what each of two runs counted, and the sums after it."""

    feed: TopicHarness
    bronze: Contract
    gold: Contract
    runs: list[tuple[dict[str, Counts], list[tuple[str, int, str]]]]

    def run(self, *messages: dict[str, Any] | str) -> None:
        self.feed.send(*messages)
        counts = run_with(self.feed, TOTALS, self.bronze, self.gold).counts
        rows = self.feed.rows(self.gold, "name", "messages", "amount")
        self.runs.append((dict(counts), [(name, number, str(amount)) for name, number, amount in rows]))


@pytest.fixture(scope="module")
def totals(local_env: Environment, spark: SparkSession) -> Totals:
    feed = TopicHarness(local_env, spark)
    totals = Totals(feed, feed.contract(), sums(feed), [])
    totals.run(row(1, "a"), row(2, "b"), row(3, "a", 2), "poison", row(0, "a"))
    totals.run(row(4, "a"), row(5, "c"))
    return totals


def test_sums_are_kept_over_several_runs_and_broken_messages_are_in_none(totals: Totals) -> None:
    bronze, gold = totals.bronze.table, totals.gold.table
    assert totals.runs == [
        ({bronze: Counts(5, 3, 2), gold: Counts(2, 2)}, [("a", 2, "3.50"), ("b", 1, "1.50")]),
        ({bronze: Counts(2, 2), gold: Counts(2, 2)}, [("a", 3, "5.00"), ("b", 1, "1.50"), ("c", 1, "1.50")]),
    ]
    assert totals.feed.reasons(totals.gold) == {}


def test_a_query_that_keeps_another_state_is_refused_with_what_to_do(totals: Totals) -> None:
    totals.feed.send(row(6, "a"))
    other = (
        "SELECT name, count(*) AS messages, max(amount) AS amount, max(id), min(id) "
        "FROM STREAM({feed}) GROUP BY name"
    )
    with pytest.raises(RunError, match=f"RUN122 the stream into {totals.gold.table}"):
        run_with(totals.feed, other, totals.bronze, totals.gold)


def test_a_message_that_is_sent_again_is_summed_once_where_its_table_has_it_once(feed: TopicHarness) -> None:
    source = feed.contract(layer="silver", write="merge")
    gold = sums(feed)
    feed.send(row(1, "a"), row(1, "a"), row(2, "a"))
    run_with(feed, TOTALS, source, gold)
    feed.send(row(1, "a"), row(3, "a"))
    run_with(feed, TOTALS, source, gold)
    assert feed.rows(gold, "name", "messages") == [("a", 3)]


def test_rows_of_a_query_that_break_their_own_contract_go_to_its_own_lane(feed: TopicHarness) -> None:
    bronze = feed.contract()
    silver = contract(
        f"silver.{feed.name}", {"id": {"type": "integer", "maximum": 5}}, write="append", sequence=None
    )
    feed.send(row(1), row(9), row(2))
    run = run_with(feed, "SELECT id FROM STREAM({feed})", bronze, silver)
    assert run.counts[silver.table] == Counts(3, 2, 1)
    assert [r["reasons"] for r in feed.lane(silver)] == [["id: maximum 5.0"]]


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("SELECT name, 1 AS messages FROM STREAM({feed})", "RUN204", "returns no column amount"),
        (
            "SELECT name, 1 AS messages, amount FROM silver.other",
            "RUN123",
            "must read one that this job fills",
        ),
    ],
)
def test_a_query_that_cannot_be_streamed_is_refused(
    feed: TopicHarness, query: str, code: str, message: str
) -> None:
    with pytest.raises(RunError, match=f"{code} .*{message}"):
        run_with(feed, query, feed.contract(), sums(feed))


FUNCTION = """
from pyspark.sql import functions as F

def {name}(*, messages):
    return messages.withColumn("name", F.upper("name"))
"""


def test_messages_pass_through_the_function_of_their_tables_name(
    feed: TopicHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.glue_jobs.streaming.topic_harness import proc

    (tmp_path / "own.py").write_text(FUNCTION.format(name=feed.name))
    monkeypatch.setattr("glue_jobs.streaming.stream_tasks.project_root", lambda: tmp_path)
    bronze = feed.contract()
    feed.send(row(1, "ann"), "poison")
    job = feed.job(bronze, procs=(proc("own", file="own.py"),))
    run = feed.context(job, bronze)
    stream = Stream.of(job)
    assert [(t.name, t.table) for t in stream.tasks] == [("own", bronze.table)]
    stream.execute(run)
    assert run.counts[bronze.table] == Counts(2, 1, 1)
    assert feed.rows(bronze, "name") == [("ANN",)]


def test_a_function_that_loses_what_belongs_to_a_message_is_refused(feed: TopicHarness) -> None:
    bronze = feed.contract()
    job = feed.job(bronze)
    stream = Stream.of(job)
    stream.tasks[0] = StreamTask(
        stream.tasks[0].name, bronze.table, function=lambda *, messages: messages.select("id", "name")
    )
    with pytest.raises(RunError, match=r"RUN204 .*withColumn"):
        stream.execute(feed.context(job, bronze))
