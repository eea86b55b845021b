"""What a warehouse holds after publishes is what the lake holds in the version that its gate has passed."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import pytest
from pyspark.sql import SparkSession

from glue_jobs.job_types.publish import Publish
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables.merge import merge
from glue_jobs.tables.target import replace_days
from lakehouse.contracts import Contract, Schemas, Suite
from lakehouse.environments import Environment, names
from lakehouse.pipelines.job_type import JobType
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract, local_frame, target
from tests.glue_jobs.quality.helpers import rule
from tests.glue_jobs.run_harness import job, run_context, schemas
from tests.glue_jobs.sources.systems import WarehouseTable

THINGS = "id bigint, value string, changed_at timestamp"
DAYS = "id bigint, day date, value string"
DAY_COLUMNS: dict[str, Any] = {
    "id": {"type": "integer"},
    "day": {"type": "string", "format": "date"},
    "value": {"type": ["string", "null"]},
}


@dataclass
class Published:
    """A table of gold, a gate that has passed some of its versions, and a warehouse."""

    env: Environment
    spark: SparkSession
    kind: Literal["redshift", "snowflake"]
    days: bool = False
    name: str = field(default_factory=lambda: f"p{uuid.uuid4().hex[:8]}")
    batches: int = 0

    @property
    def contract(self) -> Contract:
        if not self.days:
            return contract(f"gold.{self.name}")
        return contract(
            f"gold.{self.name}",
            DAY_COLUMNS,
            write="recompute",
            sequence=None,
            recompute_by="day",
            partition_by=["day"],
        )

    @property
    def schemas(self) -> Schemas:
        table = self.contract.table
        rules = [rule("expect_column_values_to_not_be_null", column="id")]
        return schemas(self.contract, suites={table: Suite(table=table, expectations=rules)})

    @property
    def uri(self) -> str:
        return names.table_uri(self.env, self.contract.table)

    @property
    def gate(self) -> str:
        return f"gate_{self.name}"

    def pass_gate(self, version: int) -> None:
        state = {"versions": {self.contract.table: version}}
        Watermarks(self.env).reset(f"{self.gate}.{self.contract.table}", state)

    def write(self, *rows: tuple[Any, ...], days: list[date] | None = None) -> None:
        self.batches += 1
        if self.batches == 1:
            delta_rs.append(self.env, self.contract, DAYS if self.days else THINGS, *rows)
            return
        into = target(self.spark, self.env, self.contract, self.batches, uri=self.uri)
        written = local_frame(into.spark, DAYS if self.days else THINGS, *rows)
        if days:
            replace_days(into, written, "day", days)
        else:
            merge(into, written, {})

    def publish(self, *, force: bool = False) -> int:
        """Publishes; returns the number of rows that were sent."""
        table = self.contract.table
        of = job(
            f"publish_{self.name}",
            reads=(table,),
            type=JobType.PUBLISH,
            warehouse=self.kind,
            gates=((table, self.gate),),
        )
        forced = frozenset([table] if force else [])
        run = run_context(self.env, of, self.schemas, self.spark, force=forced)
        Publish(self.kind).execute(run)
        return run.counts[table].written

    def in_warehouse(self, sql: str = "SELECT id, value FROM {t} ORDER BY id") -> list[tuple[Any, ...]]:
        table = WarehouseTable(self.env, self.kind)
        schema = "ANALYTICS.GOLD" if self.kind == "snowflake" else "gold"
        table.name = f"{schema}.{self.name}" if self.kind == "redshift" else f"{schema}.{self.name.upper()}"
        return [tuple(row) for row in table.run(sql)]


def at(minute: int) -> datetime:
    return datetime(2017, 1, 31, 10, minute)


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
