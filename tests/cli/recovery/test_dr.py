"""Which version of a copied table can be gone on from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pandas as pd
import pytest
from deltalake import CommitProperties, Transaction, write_deltalake

from cli.recovery.dr import look_at
from cli.recovery.marks import marks_behind
from cli.recovery.region import Region
from cli.recovery.restore_log import delete_log
from cli.tables.storage import storage_options
from glue_jobs.aws import clients
from glue_jobs.state.watermark import Watermarks, WatermarkState
from lakehouse.environments import Environment, names
from lakehouse.environments.control import table_definition
from lakehouse.environments.names import Control, Zone
from tests.buckets import create_bucket
from tests.cli.calls import Call

TABLE = "gold.dim_date"
MARK = "silver_to_gold.orders"


@pytest.fixture
def second(local_env: Environment) -> Iterator[Environment]:
    """The second region, where three batches of a table have arrived."""
    env = local_env.model_copy(update={"region": local_env.replica_region})
    bucket = names.replica_bucket(env, Zone.GOLD)
    s3 = create_bucket(env, bucket)
    for batch in range(1, 4):
        rows = pd.DataFrame({"date_sk": [batch], "country": ["United Kingdom"]})
        batches = CommitProperties(app_transactions=[Transaction(MARK, batch)])
        write_deltalake(
            names.replica_table_uri(env, TABLE),
            rows,
            mode="append",
            partition_by=["country"],
            storage_options=storage_options(env),
            commit_properties=batches,
        )
    yield env
    for key in keys(env):
        s3.delete_object(Bucket=bucket, Key=key)
    s3.delete_bucket(Bucket=bucket)


def keys(env: Environment) -> list[str]:
    objects = clients(env).s3.list_objects_v2(Bucket=names.replica_bucket(env, Zone.GOLD)).get("Contents", [])
    return [item["Key"] for item in objects]


def not_arrived(env: Environment, key: str) -> None:
    clients(env).s3.delete_object(Bucket=names.replica_bucket(env, Zone.GOLD), Key=key)


def commit(number: int) -> str:
    return f"dim_date/_delta_log/{number:020}.json"


def newest_file(env: Environment) -> str:
    """What the last commit added."""
    log = (
        clients(env).s3.get_object(Bucket=names.replica_bucket(env, Zone.GOLD), Key=commit(2))["Body"].read()
    )
    (path,) = [line["add"]["path"] for line in map(json.loads, log.splitlines()) if "add" in line]
    return f"dim_date/{unquote(path)}"


def test_a_copy_of_which_everything_arrived_is_whole(second: Environment) -> None:
    state = look_at(second, TABLE, [MARK])
    assert (state.newest, state.complete, state.missing, state.verdict) == (2, 2, 0, "whole")


def test_a_commit_whose_file_has_not_arrived_is_not_gone_on_from(second: Environment) -> None:
    not_arrived(second, newest_file(second))
    state = look_at(second, TABLE, [MARK])
    assert (state.newest, state.complete, state.missing, state.verdict) == (2, 1, 1, "CUT IT")
    assert state.batches == {MARK: 2}


def test_a_commit_after_one_that_has_not_arrived_is_not_gone_on_from(second: Environment) -> None:
    not_arrived(second, commit(1))
    state = look_at(second, TABLE, [MARK])
    assert (state.newest, state.complete) == (2, 0)


@pytest.mark.parametrize("commits", [3, 0])
def test_a_checksum_whose_commit_has_not_arrived_is_cut_away(second: Environment, commits: int) -> None:
    """Readers refuse a log whose checksum is newer than its commits."""
    for number in range(commits, 3):
        not_arrived(second, commit(number))
    stray = commit(7).replace(".json", ".crc")
    clients(second).s3.put_object(Bucket=names.replica_bucket(second, Zone.GOLD), Key=stray, Body=b"{}")
    copy = look_at(second, TABLE, [])
    assert (copy.whole, copy.verdict) == (False, "CUT IT")
    delete_log(Region(second, is_copy=True), TABLE, after=commits - 1)
    assert stray not in keys(second)
    assert look_at(second, TABLE, []).whole


def test_a_table_without_its_first_commit_is_lost_and_says_so(second: Environment) -> None:
    not_arrived(second, commit(0))
    assert look_at(second, TABLE, [MARK]).verdict == "LOST"


def test_a_table_that_was_never_written_is_empty(second: Environment) -> None:
    assert look_at(second, "gold.dim_product", []).verdict == "empty"


def test_a_restored_watermark_that_is_behind_its_table_is_named_with_the_number_to_raise_it_to() -> None:
    marks = {key: WatermarkState(key, batch=batch) for key, batch in {"a": 6, "b": 2, "c": 1, "d": 0}.items()}
    batches: list[dict[str, int]] = [{"a": 5, "b": 2}, {"a": 7, "d": 1}]
    assert list(marks_behind(marks, batches)) == [("a", 6, 7), ("d", 0, 1)]


@pytest.fixture
def restored(second: Environment) -> Iterator[Environment]:
    """The state as it was when the table held two batches."""
    db: Any = clients(second).dynamodb
    for control in Control:
        db.create_table(**table_definition(second, control))
    for batch in ("one", "two"):
        mark = Watermarks(second).open(MARK)
        mark.plan_batch(batch, batch_id=batch, run_id="r")
        mark.commit()
    yield second
    for control in Control:
        db.delete_table(TableName=names.control_table(second, control))


def test_the_command_ends_well_only_when_nothing_is_left_to_do(
    restored: Environment, lakehouse: Call
) -> None:
    answer = lakehouse("dr", "check", "--env", "local", "--table", TABLE)
    assert answer.code == 1
    assert "whole" in answer.out
    assert re.search(rf"^{re.escape(MARK)} +2 +3\b", answer.out, re.MULTILINE)
    cut = ("dr", "restore", "--env", "local", "--from-copies", "--table", TABLE)
    assert "nothing was done" in lakehouse(*cut, "--dry-run").out
    assert f"{MARK}: batch number raised from 2 to 3" in lakehouse(*cut, "--yes").out
    assert lakehouse("dr", "check", "--env", "local", "--table", TABLE).code == 0
    assert Watermarks(restored).read(MARK).position == "two"
    not_arrived(restored, newest_file(restored))
    assert lakehouse("dr", "check", "--env", "local", "--table", TABLE).code == 1
    assert lakehouse(*cut, "--yes").code == 0
    assert lakehouse("dr", "check", "--env", "local", "--table", TABLE).code == 0


def test_where_nothing_is_deployed_there_is_nothing_to_check(local_env: Environment, lakehouse: Call) -> None:
    answer = lakehouse("dr", "check", "--env", "local")
    assert (answer.code, answer.out) == (0, "")
    assert "the stack is not deployed in 'local'" in answer.err


def test_a_second_region_that_lacks_some_buckets_is_no_copy(second: Environment, lakehouse: Call) -> None:
    answer = lakehouse("dr", "check", "--env", "local")
    assert (answer.code, answer.err[:6]) == (1, "RUN609")
    assert names.replica_bucket(second, Zone.SILVER) in answer.err
    assert names.replica_bucket(second, Zone.GOLD) not in answer.err


def test_a_table_that_there_is_not_is_refused_with_the_nearest(lakehouse: Call) -> None:
    answer = lakehouse("dr", "check", "--env", "local", "--table", "gold.dim_dat")
    assert answer.code == 2
    assert "gold.dim_date" in answer.err
