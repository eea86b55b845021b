"""Which version of a copied table can be gone on from."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest
from deltalake import CommitProperties, Transaction, write_deltalake

from cli.dr import Copy, look_at, marks_behind
from cli.query import storage_options
from environments import Environment, names
from environments.names import Zone
from glue_jobs.aws import clients

TABLE = "gold.dim_date"
MARK = "silver_to_gold.orders"


@pytest.fixture
def second(local_world: Environment) -> Iterator[Environment]:
    """The second region, where three batches of a table have arrived."""
    env = local_world.model_copy(update={"region": local_world.replica_region})
    bucket, s3 = names.replica_bucket(env, Zone.GOLD), clients(env).s3
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": env.region})
    for batch in range(1, 4):
        rows = pa.table({"date_sk": [batch], "country": ["United Kingdom"]})
        batches = CommitProperties(app_transactions=[Transaction(MARK, batch)])
        write_deltalake(
            names.replica_table_uri(env, TABLE), rows, mode="append", partition_by=["country"], storage_options=storage_options(env),
            commit_properties=batches,
        )  # fmt: skip
    yield env
    for key in keys(env):
        s3.delete_object(Bucket=bucket, Key=key)
    s3.delete_bucket(Bucket=bucket)


def keys(env: Environment) -> list[str]:
    """Oldest first."""
    found = clients(env).s3.list_objects_v2(Bucket=names.replica_bucket(env, Zone.GOLD)).get("Contents", [])
    return [item["Key"] for item in sorted(found, key=lambda item: item["LastModified"])]


def not_arrived(env: Environment, key: str) -> None:
    clients(env).s3.delete_object(Bucket=names.replica_bucket(env, Zone.GOLD), Key=key)


def commit(number: int) -> str:
    return f"dim_date/_delta_log/{number:020}.json"


def newest_file(env: Environment) -> str:
    return [key for key in keys(env) if key.endswith(".parquet")][-1]


def test_a_copy_of_which_everything_arrived_is_whole(second: Environment) -> None:
    found = look_at(second, TABLE, [MARK])
    assert (found.newest, found.complete, found.missing, found.verdict) == (2, 2, 0, "whole")


def test_a_commit_whose_file_has_not_arrived_is_not_gone_on_from(second: Environment) -> None:
    not_arrived(second, newest_file(second))
    found = look_at(second, TABLE, [MARK])
    assert (found.newest, found.complete, found.missing, found.verdict) == (2, 1, 1, "CUT IT")
    assert found.batches == {MARK: 2}


def test_a_commit_after_one_that_has_not_arrived_is_not_gone_on_from(second: Environment) -> None:
    not_arrived(second, commit(1))
    found = look_at(second, TABLE, [MARK])
    assert (found.newest, found.complete) == (2, 0)


def test_a_table_without_its_first_commit_is_lost_and_says_so(second: Environment) -> None:
    not_arrived(second, commit(0))
    assert look_at(second, TABLE, [MARK]).verdict == "LOST"


def test_a_table_that_was_never_written_is_empty(second: Environment) -> None:
    assert look_at(second, "gold.dim_product", []).verdict == "empty"


def test_a_restored_watermark_that_is_behind_its_table_is_named_with_the_number_to_raise_it_to() -> None:
    copies = [Copy("silver.orders", 9, 9, 0, {"a": 5, "b": 2}), Copy("silver.customers", 4, 4, 0, {"a": 7})]
    assert list(marks_behind({"a": 6, "b": 2, "c": 1}, copies)) == [["a", 6, 7]]
