"""What a warehouse holds after publishes is what the lake holds in the version that its gate has passed."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from tests.glue_jobs import delta_rs
from tests.glue_jobs.job_types.published_table import Published, at


@pytest.fixture(params=["redshift", "snowflake"])
def published(request: pytest.FixtureRequest, spark: SparkSession, local_env: Environment) -> Published:
    return Published(local_env, spark, request.param)


def quick(kind: str) -> pytest.MarkDecorator:
    """Only this warehouse in `make test`: the test before has shown both."""
    others = {"redshift", "snowflake"} - {kind}
    params = [kind, *(pytest.param(other, marks=pytest.mark.slow) for other in others)]
    return pytest.mark.parametrize("published", params, indirect=True)


def test_a_key_that_changed_twice_comes_once_and_a_deleted_one_goes(published: Published) -> None:
    published.write((1, "a", at(1)), (2, "b", at(1)), (3, "ü'|~", at(1)))
    published.pass_gate(0)
    assert published.publish() == 3
    published.write((1, "A", at(2)))
    published.write((1, "AA", at(3)), (4, None, at(3)))
    published.spark.sql(f"DELETE FROM delta.`{published.uri}` WHERE id = 2")
    published.pass_gate(3)
    assert published.publish() == 3
    assert published.in_warehouse() == [(1, "AA"), (3, "ü'|~"), (4, None)]
    assert published.publish() == 0


@quick("snowflake")
def test_only_versions_that_the_gate_has_passed_are_published(published: Published) -> None:
    published.write((1, "a", at(1)))
    assert published.publish() == 0
    published.pass_gate(0)
    published.write((1, "not judged", at(2)))
    assert published.publish() == 1
    assert published.in_warehouse() == [(1, "a")]


@quick("redshift")
def test_rows_that_somebody_changed_by_hand_are_made_good_by_the_next_publish(
    published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    published.write((1, "a", at(1)), (2, "b", at(1)))
    published.pass_gate(0)
    published.publish()
    published.in_warehouse("DELETE FROM {t} WHERE id = 2")
    published.write((1, "A", at(2)))
    published.pass_gate(1)
    with caplog.at_level(logging.WARNING):
        assert published.publish() == 2
    assert "RUN151" in caplog.text
    assert published.in_warehouse() == [(1, "A"), (2, "b")]


@quick("redshift")
def test_a_forced_publish_sends_the_table_whole_though_nothing_is_new(published: Published) -> None:
    published.write((1, "a", at(1)), (2, "b", at(1)))
    assert published.publish(force=True) == 0  # no gate has passed it
    published.pass_gate(0)
    assert published.publish() == 2
    published.in_warehouse("DELETE FROM {t} WHERE id = 2")
    published.in_warehouse("UPDATE {t} SET value = 'by hand'")
    assert published.publish() == 0
    published.write((3, "not judged", at(2)))
    assert published.publish(force=True) == 2
    assert published.in_warehouse() == [(1, "a"), (2, "b")]
    assert published.publish() == 0


@pytest.mark.parametrize("log_is_gone", [False, True])
def test_publish_finds_its_way_back_when_the_files_of_old_versions_are_gone(
    spark: SparkSession, local_env: Environment, log_is_gone: bool
) -> None:
    published = Published(local_env, spark, "redshift", days=True)
    monday, tuesday = date(2017, 1, 30), date(2017, 1, 31)
    published.write((1, monday, "a"), (2, tuesday, "b"))
    published.pass_gate(0)
    published.publish()
    published.write((3, tuesday, "c"), days=[tuesday])
    published.write((4, tuesday, "d"), days=[tuesday])
    published.pass_gate(2)
    if log_is_gone:
        _delete_log(published, 1)
    table = delta_rs.table(local_env, published.uri)
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    assert published.publish() == (2 if log_is_gone else 1)
    assert published.in_warehouse() == [(1, "a"), (4, "d")]


def _delete_log(published: Published, version: int) -> None:
    from glue_jobs.aws import clients
    from glue_jobs.s3 import S3Uri

    # A checkpoint keeps the newest version readable without the commit.
    jvm: Any = published.spark._jvm
    log = jvm.org.apache.spark.sql.delta.DeltaLog.forTable(published.spark._jsparkSession, published.uri)
    log.checkpoint()
    file = S3Uri.parse(published.uri).child(f"_delta_log/{version:020d}.json")
    clients(published.env).s3.delete_object(Bucket=file.bucket, Key=file.key)
