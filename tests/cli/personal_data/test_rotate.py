"""A rotation of the masking key: joins hold, no version is false, and a killed one ends like a whole one."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pyspark.sql import SparkSession

from cli.personal_data.masking_key import MaskingKey
from cli.personal_data.rotate import run_rotation
from cli.personal_data.rotation_plan import RotationPlan, rotation_plan
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.run_context import RunContext
from glue_jobs.state.audit import Audit, Status
from glue_jobs.state.lease import LeaseTakenError, lease
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables import remask, table_position
from lakehouse.contracts import Contract, Schemas
from lakehouse.environments import Environment, names
from lakehouse.environments.stack import MASKING_SECRET
from lakehouse.pipelines.job_type import JobType
from tests.glue_jobs.builders import contract
from tests.glue_jobs.job_types.test_write_modes import SCD2_COLUMNS, at, stored, write
from tests.glue_jobs.run_harness import job, run_context, schemas

TEXT = {"type": ["string", "null"]}
ADDRESSES = ("ann@x.example", "bob@x.example")


@dataclass
class World:
    """Two persons in bronze, and their hashes in silver and in an SCD2 dimension."""

    run: RunContext
    bronze: Contract
    silver: Contract
    dim: Contract

    @property
    def schemas(self) -> Schemas:
        return schemas(self.bronze, self.silver, self.dim)

    @property
    def plan(self) -> RotationPlan:
        transform = job("dims", type=JobType.TRANSFORM, reads=(self.silver.table,), writes=(self.dim.table,))
        return rotation_plan(self.schemas, [transform])

    def hashes(self) -> tuple[list[Any], list[Any]]:
        of_silver = [email for (email,) in stored(self.run, self.silver, "email")]
        return of_silver, [name for (name,) in stored(self.run, self.dim, "name")]

    def rotate(self) -> MaskingKey:
        env = self.run.env
        return run_rotation(env, self.schemas, self.plan, MaskingKey.read(env))


def hashed(key: str, *values: str) -> list[str]:
    return sorted(hmac.new(bytes.fromhex(key), v.encode(), hashlib.sha256).hexdigest() for v in values)


@pytest.fixture
def world(local_env: Environment, spark: SparkSession) -> Iterator[World]:
    run = run_context(local_env, job(f"rotates_{uuid.uuid4().hex[:8]}"), schemas(), spark)
    name, key = run.job.name, MaskingKey.read(local_env)
    email = {**TEXT, "x-lake": {"tags": {"pii": "email"}, "mask": "hash"}}
    time = {"type": "string", "format": "date-time"}
    bronze = contract(f"bronze.{name}", {"id": {"type": "integer"}, "email": email, "changed_at": time})
    of_bronze = {**TEXT, "x-lake": {"tags": {"pii": "masked"}, "derived_from": [f"bronze.{name}.email"]}}
    silver = contract(f"silver.{name}", {"id": {"type": "integer"}, "email": of_bronze, "changed_at": time})
    of_silver = {**TEXT, "x-lake": {"tags": {"pii": "masked"}, "derived_from": [f"silver.{name}.email"]}}
    dim = contract(
        f"gold.{name}",
        {**SCD2_COLUMNS, "name": of_silver},
        write="scd2",
        primary_key=["key"],
        business_key=["id"],
        tracked=["name"],
        sequence=None,
        incremental_from=[silver.table],
    )
    clear = [(i, address, at(1)) for i, address in enumerate(ADDRESSES)]
    ddl = "id bigint, email string, changed_at timestamp"
    write(run, bronze, ddl, *clear)
    masked = [(i, hashed(key.key, address)[0], at(1)) for i, address, _ in clear]
    write(run, silver, ddl, *masked)
    write(run, dim, "id bigint, name string, valid_since timestamp", *masked)
    yield World(run, bronze, silver, dim)
    # The platform of the tests has one key: no test leaves a rotation behind.
    secret = json.dumps({"key": MaskingKey.read(local_env).key})
    manager = clients(local_env).secretsmanager
    manager.put_secret_value(SecretId=names.secret(local_env, MASKING_SECRET), SecretString=secret)


def test_a_new_key_masks_silver_and_gold_anew_and_makes_no_false_version(world: World) -> None:
    env = world.run.env
    old = MaskingKey.read(env)
    assert world.plan.tables == (world.silver.table, world.dim.table)
    new = world.rotate()
    assert (new.version, new.key != old.key) == (old.version + 1, True)
    assert MaskingKey.read(env) == new
    of_silver, of_dim = world.hashes()
    assert of_silver == of_dim == hashed(new.key, *ADDRESSES)
    states = [(i, hashed(new.key, address)[0], at(1)) for i, address in enumerate(ADDRESSES)]
    counts = write(world.run, world.dim, "id bigint, name string, valid_since timestamp", *states)
    assert (counts.written, counts.deduplicated) == (0, 2)
    properties = world.run.session.sql(f"SHOW TBLPROPERTIES delta.`{world.run.uri(world.dim.table)}`")
    assert (remask.KEY_VERSION, str(new.version)) in [(p.key, p.value) for p in properties.collect()]
    row = Audit(env).list(job="pii_rotate")[0]
    assert row.status is Status.SUCCEEDED


def test_a_rotation_that_was_killed_between_two_tables_goes_on_with_the_same_key(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    env, note = world.run.env, remask.note_key_version

    def killed(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(remask, "note_key_version", killed)
    with pytest.raises(KeyboardInterrupt):
        world.rotate()
    begun = MaskingKey.read(env)
    of_silver, of_dim = world.hashes()
    assert of_silver == hashed(begun.next_key, *ADDRESSES)
    assert of_dim == hashed(begun.key, *ADDRESSES)
    with pytest.raises(RunError, match="RUN072"):
        RunContext.masked(run_context(env, world.run.job, schemas(), world.run.session), *_email(world))
    monkeypatch.setattr(remask, "note_key_version", note)
    finished = world.rotate()
    assert finished.key == begun.next_key
    assert world.hashes() == (hashed(finished.key, *ADDRESSES),) * 2


def test_it_waits_for_no_run_and_for_no_reader_that_lags_behind(world: World) -> None:
    env, key = world.run.env, MaskingKey.read(world.run.env)
    with lease(env, world.silver.table, "another run"), pytest.raises(LeaseTakenError):
        world.rotate()
    behind = {world.silver.table: {"id": "", "version": -1}}
    Watermarks(env).reset(f"dims.{world.dim.table}", behind)
    with pytest.raises(RunError, match=rf"RUN527 dims\.{world.dim.table} has not read {world.silver.table}"):
        world.rotate()
    assert MaskingKey.read(env) == key
    newest = table_position.current(world.run.session, world.run.uri(world.silver.table)).as_json()
    Watermarks(env).reset(f"dims.{world.dim.table}", {world.silver.table: newest})
    assert world.rotate().version == key.version + 1


def _email(world: World) -> tuple[Any, dict[str, str]]:
    rows = world.run.session.createDataFrame([("a@b.c",)], "email string")
    return rows, {"email": "hash"}
