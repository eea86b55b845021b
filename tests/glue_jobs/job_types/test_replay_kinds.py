"""Messages, rows of functions, and replays that are killed."""

from __future__ import annotations

import json
import types
import uuid
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from cli.quarantine.entries import entries
from cli.quarantine.exchange import write_jsonl
from glue_jobs.aws import clients
from glue_jobs.job_types.transform import Transform
from glue_jobs.s3 import S3Uri
from glue_jobs.state.audit import Counts
from glue_jobs.tables.quarantine_ledger import Books
from lakehouse.environments import Environment, names
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract
from tests.glue_jobs.job_types.ingest_harness import COLUMNS, DAY, IngestHarness, row
from tests.glue_jobs.job_types.replay_harness import Replays, exported, with_rejected_rows
from tests.glue_jobs.job_types.resumed_harness import KilledError


def test_a_message_is_replayed_with_its_place_in_the_topic(
    local_env: Environment, spark: SparkSession, tmp_path: Path
) -> None:
    columns = {**COLUMNS, "kafka_offset": {"type": "integer"}}
    source = {"kind": "kafka", "object": "toys", "format": "json_lines", "system": "kafka"}
    of = contract(f"bronze.messages_{uuid.uuid4().hex[:8]}", columns, write="append", source=source)
    raw = '{"id": 1, "value": "v", "changed_at": "2017-01-31T10:00:00Z"'
    nothing = dict.fromkeys(of.column_names)
    lines = [
        {"raw": raw, "row": {**nothing, "kafka_offset": 41}},
        {"raw": None, "row": {**nothing, "id": 2, "changed_at": "2017-01-31 10:00", "kafka_offset": 42}},
    ]
    folder = S3Uri.parse(names.quarantine_uri(local_env, of.table, DAY, "r-1")).child("batch=7")
    for number, line in enumerate(lines):
        line |= {"reasons": ["x"], "source_position": f"toys-0@{41 + number}", "row_hash": str(number)}
        file = folder.child(f"part-{number}.json")
        clients(local_env).s3.put_object(Bucket=file.bucket, Key=file.key, Body=json.dumps(line).encode())
    replays = Replays(local_env, spark, of)
    by_source = {e.line.source_position: e for e in entries(local_env, of.table)}
    mended = tmp_path / "rows.jsonl"
    write_jsonl(mended, by_source.values(), of)
    mended.write_text(mended.read_text().replace('10:00:00Z\\"', '10:00:00Z\\"}'))
    assert replays.counts(replays.ask(mended)) == Counts(2, 2, replayed=2)
    uri = names.table_uri(local_env, of.table)
    assert delta_rs.rows(local_env, uri, "id", "kafka_offset", "_source_system") == [
        (1, 41, "kafka"),
        (2, 42, "kafka"),
    ]


def test_a_row_of_a_function_is_derived_again_from_what_was_mended(
    local_env: Environment, spark: SparkSession
) -> None:
    harness = IngestHarness(local_env, spark)
    harness.drop(row(1, "known"), row(2, "new"), row(3, "other"))
    harness.ingest()
    bronze, silver = harness.bronze, harness.silver

    def module(names: str) -> types.ModuleType:
        built = types.ModuleType("builds")
        source = f"""
def {harness.name}(*, bronze_{harness.name}):
    return bronze_{harness.name}.selectExpr(
        "*", "CASE WHEN value NOT IN ({names}) THEN 'value: not among the names' END AS _reject"
    )
"""
        exec(source, built.__dict__)
        return built

    run = harness.context((bronze.table,), (silver.table,))
    Transform(module("'known'")).execute(run)
    assert run.counts[silver.table] == Counts(3, 1, 2)
    replays = Replays(local_env, spark, silver, (bronze,), Transform(module("'known', 'new'")))
    assert replays.counts(replays.ask()) == Counts(1, 1, replayed=1)
    assert harness.rows("silver") == [(1, "known"), (2, "new")]
    assert replays.books() == Books(2, 1, 1, 0)
    assert replays.reasons() == [("value: not among the names",)]


# A replay dies before its rows are in the table, before what failed is noted, before its end is noted.
@pytest.mark.slow
@pytest.mark.parametrize("step", ["write_rows", "_write_failed", "ledger.put_done"])
def test_a_replay_that_is_killed_at_any_step_ends_as_one_that_was_not(
    step: str, local_env: Environment, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = with_rejected_rows(local_env, spark)
    replays, file = Replays(harness.env, harness.spark, harness.bronze), tmp_path / "rows.jsonl"
    rows = exported(harness, file)
    for edited in rows:
        edited["row"] |= {"id": 2} if edited["row"]["value"] == "a" else {}
    file.write_text("\n".join(map(json.dumps, rows)))
    request = replays.ask(file)
    with monkeypatch.context() as killed:
        killed.setattr(f"glue_jobs.job_types.replay.{step}", lambda *_: (_ for _ in ()).throw(KilledError))
        with pytest.raises(KilledError):
            replays.run(request)
    for _ in range(2):
        replays.run(request)
    assert replays.books() == Books(4, 3, 1, 0)
    assert len(harness.rows("bronze")) == 13
