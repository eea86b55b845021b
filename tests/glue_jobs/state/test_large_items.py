"""Items of any size keep below the 400 KB of DynamoDB, whole or not at all."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from glue_jobs.aws import clients
from glue_jobs.sources.landing_position import LandingFile, advance, files_between
from glue_jobs.state.audit import Audit, Counts, RunRow
from glue_jobs.state.control_table import ControlTable
from glue_jobs.state.item_codec import encode
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import Environment
from lakehouse.environments.names import Control
from lakehouse.environments.packing import PARTS, pack
from lambdas.common import audit as audit_of_lambdas

LIMIT = 400_000
DAY = date(2017, 1, 31)


def stored(env: Environment, control: Control, key: str) -> list[dict[str, Any]]:
    """The items of a key and its parts, in DynamoDB's form."""
    table = ControlTable(env, control).table
    items = clients(env).dynamodb.get_paginator("scan").paginate(TableName=table)
    return [dict(i) for page in items for i in page["Items"] if i["pk"]["S"].startswith(key)]


def size(item: dict[str, Any]) -> int:
    """More than what DynamoDB counts: names and values as text."""

    def of(value: dict[str, Any]) -> int:
        return sum(len(v) if isinstance(v, bytes) else len(str(v)) for v in value.values())

    return sum(len(name) + of(value) for name, value in item.items())


def test_the_position_of_a_hundred_thousand_files_is_kept_whole(aws_env: Environment) -> None:
    noon, rng = datetime(2017, 1, 31, 12, tzinfo=UTC), random.Random(7)
    files = [
        LandingFile(
            f"events/dt={DAY}/part-{i:05}-{uuid.UUID(int=rng.getrandbits(128))}.json.gz",
            DAY,
            noon + timedelta(seconds=i % 3600),
            f"{i}",
            10,
        )
        for i in range(100_000)
    ]
    key = f"{uuid.uuid4().hex}.files"
    watermark = Watermarks(aws_env).open(key)
    until = advance(None, files, DAY)
    watermark.plan_batch(until, batch_id="b", run_id="r", run_date=DAY)
    watermark.commit()
    later = [*files, LandingFile(f"events/dt={DAY}/late.json", DAY, noon, "late", 10)]
    again = Watermarks(aws_env).open(key)
    again.plan_batch(advance(again.position, later, DAY), batch_id="c", run_id="r", run_date=DAY)
    read = Watermarks(aws_env).read(key)
    assert read.position == until
    assert [f.key for f in files_between(later, read.position, read.pending)] == [later[-1].key]
    assert [s.key for s in Watermarks(aws_env).list(key)] == [key]
    items = stored(aws_env, Control.WATERMARKS, key)
    assert max(map(size, items)) < LIMIT
    # One generation of parts: those of the position before are deleted.
    named = next(i for i in items if i["pk"]["S"] == key)[PARTS]["M"]
    assert len(items) == 1 + int(named["count"]["N"])


def test_an_audit_row_of_two_thousand_tables_is_kept_whole_and_read_by_the_functions(
    aws_env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = uuid.uuid4().hex
    audit, rng = Audit(aws_env), random.Random(7)
    tables = {f"silver.table_{i:04}": Counts(*(rng.randrange(10**6) for _ in range(4))) for i in range(2000)}
    files = {
        t: {n: rng.randrange(10**9) for n in ("files_before", "files", "bytes_before", "bytes")}
        for t in tables
    }
    audit.start(RunRow(run_id, "maintain_tables", "tests", DAY))
    audit.finish(run_id, tables=tables, seconds=1.0, cost_estimate_usd=0.1, files=files)
    row = audit.get(run_id)
    assert row is not None
    assert (row.tables, row.files) == (tables, files)
    assert [r.run_id for r in audit.list(run_date=DAY) if r.run_id == run_id] == [run_id]
    assert max(map(size, stored(aws_env, Control.AUDIT, run_id))) < LIMIT
    monkeypatch.setattr(audit_of_lambdas.aws, "dynamodb", lambda: clients(aws_env).dynamodb)
    table = ControlTable(aws_env, Control.AUDIT).table
    seen_by_functions = next(r for r in audit_of_lambdas.runs_of(table, [DAY]) if r.run_id == run_id)
    assert {t: c.written for t, c in seen_by_functions.tables.items()} == {
        t: c.written for t, c in tables.items()
    }


def test_an_item_is_replaced_whole_though_a_writer_died_after_its_parts(aws_env: Environment) -> None:
    table, pk = ControlTable(aws_env, Control.WATERMARKS), uuid.uuid4().hex
    noise = [random.Random(n).randbytes(600_000).hex() for n in range(2)]
    first = table.create({"pk": pk, "text": noise[0]})
    _, orphans = pack({"pk": pk, "text": noise[1]})
    assert len(orphans) > 1
    for part in orphans:
        clients(aws_env).dynamodb.put_item(TableName=table.table, Item=encode(part))
    current = table.get(pk)
    assert current is not None
    assert current["text"] == noise[0]
    table.replace(first, {"pk": pk, "text": noise[1]})
    current = table.get(pk)
    assert current is not None
    assert current["text"] == noise[1]


def test_small_items_stay_as_people_read_them(aws_env: Environment) -> None:
    key = uuid.uuid4().hex
    Watermarks(aws_env).reset(key, {"high": "2017-01-31T00:00:00+00:00"})
    (item,) = stored(aws_env, Control.WATERMARKS, key)
    assert item["position"] == {"S": '{"high": "2017-01-31T00:00:00+00:00"}'}
