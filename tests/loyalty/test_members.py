"""The members' changes through Kafka into silver, judged by plain Python from the messages of the topic."""

from __future__ import annotations

import json
import random
from datetime import UTC, date
from typing import Any

from deltalake import DeltaTable
from pyspark.sql import SparkSession

from cli.quarantine.rows import first_rows, quarantined_rows
from cli.run.selection import choose
from cli.tables.storage import storage_options
from glue_jobs.run_request import RunRequest
from glue_jobs.runner import run_job
from glue_jobs.state.audit import Counts
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment, names
from sample_data import topic
from sample_data.members import TOPIC, messages
from sample_data.topic import Message

FIRST, MIDDLE, LAST, SEED, DIRT = date(2017, 1, 1), date(2017, 6, 30), date(2017, 12, 31), 2017, 0.01
TABLE, EVERY = "silver.loyalty_members", 5
FIELDS = ("customer_id", "country", "income", "home_ownership", "household_size")
JOBS = choose(["member_changes"], None)


def some(sent: list[Message]) -> list[Message]:
    """The messages of every fifth member, and those that name none."""
    return [m for m in sent if json.loads(m.key)["customer_id"] % EVERY == 0]


def change_of(message: Message) -> dict[str, Any] | None:
    """The envelope of a message; None for one that is no change of a row."""
    try:
        envelope = json.loads(message.value or b"null") or {}
    except ValueError:
        return None
    envelope = envelope.get("payload", envelope)
    row = envelope.get("before" if envelope.get("op") == "d" else "after")
    return {**envelope, "row": row} if envelope.get("op") in ("c", "u", "d", "r") and row else None


def newest(sent: list[Message]) -> dict[int, tuple[Any, ...]]:
    """Key → the row of its newest change: a change that comes later in the topic does not win by that."""
    rows: dict[int, tuple[int, tuple[Any, ...]]] = {}
    for message in sent:
        change = change_of(message)
        if change is None or change["row"]["customer_id"] is None:
            continue
        row, at = change["row"], change["ts_ms"]
        values = (*(row[name] for name in FIELDS), row["updated_at"], change["op"], change["op"] == "d", at)
        if at >= rows.get(row["customer_id"], (0, ()))[0]:
            rows[row["customer_id"]] = (at, values)
    return {key: values for key, (_, values) in rows.items()}


def stored(env: Environment) -> dict[int, tuple[Any, ...]]:
    """The table as delta-rs reads it, in the shape of `newest`."""
    table = DeltaTable(names.table_uri(env, TABLE), storage_options=storage_options(env)).to_pyarrow_table()
    return {
        row["customer_id"]: (
            *(row[name] for name in FIELDS),
            row["updated_at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            row["operation"],
            row["is_deleted"],
            int(row["changed_at"].timestamp() * 1000),
        )
        for row in table.to_pylist()
    }


def run(env: Environment, spark: SparkSession, day: date) -> list[Counts]:
    """The stream and its gate, as `lakehouse run --pipeline member_changes` runs them."""
    rows = [run_job(env, load_schemas(), spark, RunRequest(job, day)) for job in JOBS]
    assert [job.name for job in JOBS] == ["member_changes", "dq_members_gate"]
    # A critical rule that is broken fails the run.
    assert rows[1].warnings == ()
    return [row.tables[TABLE] for row in rows]


def test_members_are_the_newest_change_of_each_whatever_the_order(
    local_env: Environment, spark: SparkSession
) -> None:
    first, _ = messages(FIRST, MIDDLE, DIRT, SEED)
    second, _ = messages(MIDDLE, LAST, 0, SEED)
    halves = [some(first), some(second)]
    # Partitions are not read in the order of their messages, so the topic's need not be that of the changes.
    random.Random(SEED).shuffle(halves[0])
    ops = {(change_of(m) or {"op": "none"})["op"] for half in halves for m in half}
    assert ops == {"r", "c", "u", "d", "none"}
    tombstones = 0
    for half, days, day in zip(halves, ((FIRST, MIDDLE), (MIDDLE, LAST)), (MIDDLE, LAST), strict=True):
        sent = topic.send(local_env, half, *days, TOPIC)
        streamed, judged = run(local_env, spark, day)
        tombstones += sum(m.value is None for m in half)
        assert streamed.rows_in == sent
        assert streamed.balanced
        so_far = halves[0] if half is halves[0] else halves[0] + half
        assert stored(local_env) == newest(so_far)
        assert judged.rows_in == len(stored(local_env))
    assert tombstones
    assert sum(values[-2] for values in stored(local_env).values())


def test_what_is_no_change_is_quarantined_and_a_tombstone_is_not(local_env: Environment) -> None:
    lane = list(first_rows(local_env, quarantined_rows(local_env, TABLE), 10_000))
    reasons = {reason.split(":")[0] for row in lane for reason in row["reasons"]}
    sent = some(messages(FIRST, MIDDLE, DIRT, SEED)[0])
    no_changes = [m for m in sent if m.value is not None and not _is_sound(m)]
    assert len(lane) == len(no_changes) > 0
    assert "message" not in reasons


def _is_sound(message: Message) -> bool:
    change = change_of(message)
    return change is not None and change["row"]["customer_id"] is not None
