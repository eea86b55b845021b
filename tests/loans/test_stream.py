"""The sixth job: the topic of the loans' events, as it comes, into bronze."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import pytest

from cli.quarantine.rows import first_rows, quarantined_rows
from glue_jobs.state.audit import Counts
from sample_data.loans import loan_events
from sample_data.summary import Outcome, Summary
from tests.loans.loans_world import FIRST, LAST, LoansWorld, counts

JOB, TABLE = "streaming_loan_events", "bronze.loan_events"


@dataclass
class Streamed:
    world: LoansWorld
    loaded: Summary
    first: Counts
    rows: pl.DataFrame
    again: Counts


@pytest.fixture(scope="module")
def streamed(world: LoansWorld, loaded: Summary) -> Streamed:
    """The topic drained, and the job started again."""
    first = counts(world.run(LAST, JOB))[TABLE]
    rows = world.table(TABLE)
    return Streamed(world, loaded, first, rows, counts(world.run(LAST, JOB)).get(TABLE, Counts()))


def test_every_message_is_in_the_table_or_in_its_quarantine(streamed: Streamed) -> None:
    broken = streamed.loaded.dirt_rows("loan_events", Outcome.BRONZE)
    sent = streamed.loaded.rows["loan_events"] + streamed.loaded.dirt_rows("loan_events")
    assert streamed.first == Counts(sent, sent - broken, broken, 0)
    lane = first_rows(streamed.world.env, quarantined_rows(streamed.world.env, TABLE), 10**6)
    assert len(lane) == broken
    assert streamed.rows.height == sent - broken


def test_table_holds_each_event_with_its_values_and_the_duplicates_that_were_sent(streamed: Streamed) -> None:
    columns = [
        "event_id",
        "loan_id",
        "event_type",
        "instalment_no",
        "amount",
        "principal_part",
        "interest_part",
        "outstanding",
        "event_ts",
    ]
    expected = {tuple(row[c] for c in columns) for row in loan_events(FIRST, LAST, 2017)}
    counted = Counter(
        tuple(v.replace(tzinfo=None) if isinstance(v, datetime) else v for v in row)
        for row in streamed.rows.select(columns).rows()
    )
    assert set(counted) == expected
    assert counted.total() - len(counted) == streamed.loaded.dirt_rows("loan_events", Outcome.DEDUPLICATED)


def test_repayment_that_does_not_add_up_says_so_in_the_lane(streamed: Streamed) -> None:
    lane = first_rows(streamed.world.env, quarantined_rows(streamed.world.env, TABLE), 10**6)
    wrong = [row for row in lane if row["reasons"] == ["amount: not principal_part and interest_part"]]
    assert len(wrong) == next(d.rows for d in streamed.loaded.dirt if d.kind == "wrong_sum")
    assert all(row["source_position"].startswith("loan_events-") for row in wrong)


def test_started_again_it_reads_nothing_twice(streamed: Streamed) -> None:
    assert streamed.again == Counts()
    places = streamed.rows.select("kafka_partition", "kafka_offset")
    assert places.is_unique().all()
