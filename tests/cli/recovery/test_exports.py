"""Tables of one instant go into the second region, are verified there, and come back."""

from __future__ import annotations

import json

import pytest

from cli.recovery.copies import cut
from cli.recovery.dr import look_at
from cli.recovery.export_plan import plan_export
from cli.recovery.exports import Export, export_folder, find_export
from cli.recovery.region import Region
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.state.audit import Audit
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import names
from lakehouse.environments.control import KEY
from lakehouse.environments.names import Control
from tests.cli.calls import Call
from tests.cli.recovery.export_world import (
    GOLD,
    GOLD_KEY,
    SILVER,
    SILVER_KEY,
    TABLES,
    ExportWorld,
)


def exported(world: ExportWorld, lakehouse: Call) -> Export:
    answer = lakehouse("dr", "export", "--env", "local", "--yes", *_of(TABLES))
    assert answer.code == 0, answer.err
    return find_export(Region.second(world.env), None)


def _of(tables: list[str]) -> list[str]:
    return [word for table in tables for word in ("--table", table)]


def restored(world: ExportWorld, lakehouse: Call, *words: str) -> str:
    answer = lakehouse("dr", "restore", "--env", "local", "--yes", *words)
    assert answer.code == 0, answer.err
    return answer.out.rpartition("--undo ")[2].strip().rstrip("`")


def test_an_export_is_listed_and_verified_and_says_what_was_changed(
    world: ExportWorld, lakehouse: Call
) -> None:
    dry = lakehouse("dr", "export", "--env", "local", "--dry-run", *_of(TABLES))
    assert (dry.code, list(_listed(lakehouse))) == (0, [])
    export = exported(world, lakehouse)
    assert {name: table.version for name, table in export.tables.items()} == {SILVER: 1, GOLD: 1}
    assert _listed(lakehouse) == [(export.id, "complete")]
    assert lakehouse("dr", "verify", "--env", "local").code == 0
    rows = Audit(world.env).list(job="dr_export", limit=1)
    assert [(row.actor != "", row.action["export"]) for row in rows] == [(True, export.id)]
    second, folder = Region.second(world.env), export_folder(world.env, export.id, GOLD)
    file = next(f for f in export.tables[GOLD].files if f.key.endswith(".parquet"))
    second.s3.put_object(Bucket=folder.bucket, Key=folder.key + file.key, Body=b"x" * file.size)
    answer = lakehouse("dr", "verify", "--env", "local", "--json")
    verdicts = {row["table"]: row["verdict"] for row in json.loads(answer.out)}
    assert (answer.code, verdicts[SILVER]) == (1, "as exported")
    assert verdicts[GOLD] == f"1 files were changed, such as {file.key}"


def _listed(lakehouse: Call) -> list[tuple[str, str]]:
    answer = lakehouse("dr", "list", "--env", "local", "--json")
    return [(row["export"], row["status"]) for row in json.loads(answer.out)]


def test_what_was_spoiled_and_written_since_comes_back_as_exported(
    world: ExportWorld, lakehouse: Call
) -> None:
    export = exported(world, lakehouse)
    world.day(3)
    world.spoil(GOLD)
    with pytest.raises(RunError, match="RUN654"):
        find_export(Region.second(world.env), None, "2001-01-01")
    name = restored(world, lakehouse, "--into", "first", "--export", export.id)
    assert (world.values(SILVER), world.values(GOLD)) == ([1, 2], [1, 2])
    silver, gold = (Watermarks(world.env).read(key) for key in (SILVER_KEY, GOLD_KEY))
    assert silver.position == {"bronze.snowflake_products": {"id": "x", "version": 2}}
    assert gold.position == {SILVER: {"id": world.id(SILVER), "version": 1}}
    assert (silver.batch, gold.batch) == (3, 3)
    # Undone, the log of before is there again: silver as it was, and gold as broken as it was.
    assert lakehouse("dr", "restore", "--env", "local", "--undo", name, "--yes").code == 0
    assert world.values(SILVER) == [1, 2, 3]
    assert Watermarks(world.env).read(SILVER_KEY).position == {
        "bronze.snowflake_products": {"id": "x", "version": 3}
    }


def test_a_table_restored_alone_is_read_whole_by_who_was_ahead_of_it(
    world: ExportWorld, lakehouse: Call
) -> None:
    exported(world, lakehouse)
    world.day(3)
    restored(world, lakehouse, "--into", "first", "--table", SILVER)
    assert (world.values(SILVER), world.values(GOLD)) == ([1, 2], [1, 2, 3])
    assert Watermarks(world.env).read(GOLD_KEY).position == {}


def test_the_second_region_goes_on_from_an_export(world: ExportWorld, lakehouse: Call) -> None:
    exported(world, lakehouse)
    world.day(3)
    restored(world, lakehouse)
    second = Region.second(world.env)
    assert (world.values(SILVER, second), world.values(GOLD, second)) == ([1, 2], [1, 2])
    assert Watermarks(second.env).read(GOLD_KEY).batch == 2
    assert look_at(second.env, GOLD, [GOLD_KEY]).verdict == "whole"


def test_a_table_that_lacks_a_file_is_not_exported(world: ExportWorld) -> None:
    first = Region.first(world.env)
    file = next(key for key in world.keys(first, GOLD) if key.endswith(".parquet"))
    first.s3.delete_object(Bucket=first.folder(GOLD).bucket, Key=file)
    with pytest.raises(RunError, match="RUN655"):
        plan_export(world.env, TABLES)


def lose_file(region: Region, version: int) -> None:
    """The file that this version of gold added has not arrived."""
    added = set(region.open(GOLD, version).file_uris())
    added -= set(region.open(GOLD, version - 1).file_uris()) if version else set()
    bucket = region.folder(GOLD).bucket
    region.s3.delete_object(Bucket=bucket, Key=added.pop().partition(f"{bucket}/")[2])


def test_copies_are_cut_to_what_has_arrived_and_watermarks_raised(
    world: ExportWorld, lakehouse: Call
) -> None:
    exported(world, lakehouse)
    restored(world, lakehouse)
    second, cutting = Region.second(world.env), ("dr", "restore", "--env", "local", "--from-copies", "--yes")
    lose_file(second, 1)
    Watermarks(second.env).open(GOLD_KEY).restore("a position", 0)
    assert lakehouse(*cutting, *_of([GOLD])).code == 0
    copy = look_at(second.env, GOLD, [GOLD_KEY])
    assert (copy.newest, copy.verdict, world.values(GOLD, second)) == (0, "whole", [1])
    state = Watermarks(second.env).read(GOLD_KEY)
    assert (state.batch, state.position) == (1, "a position")
    assert cut(second, [copy]) == []
    # A backup of before the first run lacks the watermark, and its table has batches.
    stored = names.control_table(second.env, Control.WATERMARKS)
    clients(second.env).dynamodb.delete_item(TableName=stored, Key={KEY: {"S": GOLD_KEY}})
    assert cut(second, [copy]) == [(GOLD_KEY, 0, 1)]
    assert Watermarks(second.env).read(GOLD_KEY).batch == 1
    lose_file(second, 0)
    assert "RUN659" in lakehouse(*cutting, *_of([GOLD])).err
