"""Operations that are killed midway and started again end as if they had never been killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal

import pytest

from cli.tables.restore import RestorePlan
from cli.tables.versions import open_table
from cli.watermarks.reset import ResetPlan
from glue_jobs.state.audit import Audit
from glue_jobs.state.watermark import Watermarks
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment
from lakehouse.pipelines import jobs_in
from lakehouse.pipelines.watermark_owners import watermark_owners
from tests.cli.tables.delta_world import forget, rows, write
from tests.killed import KilledError, killed_at_call

KEY, TABLE = "bronze_to_silver.silver.orders", "silver.products"
AHEAD = {"bronze.snowflake_orders": {"id": "x", "version": 7}}
LAST_STEP = 9


@pytest.fixture
def world(local_env: Environment) -> Iterator[Environment]:
    """A world whose killed processes hold their leases for a second."""
    env = local_env.model_copy(update={"lease_seconds": 1})
    forget(env, TABLE)
    write(env, TABLE, rows((1, "right", Decimal(1))))
    yield env
    forget(env, TABLE)


def reset(env: Environment) -> ResetPlan:
    owner = watermark_owners(jobs_in(env), load_schemas())[KEY]
    return ResetPlan(env, owner, Watermarks(env).read(KEY), None)


def check_reset(env: Environment, step: int) -> None:
    Watermarks(env).reset(KEY, AHEAD)
    with suppress(KilledError), killed_at_call(env, step):
        reset(env).execute()
    reset(env).execute()
    assert Watermarks(env).read(KEY).position is None


def check_restore(env: Environment, step: int) -> None:
    right = open_table(env, TABLE).version()
    write(env, TABLE, rows((1, "wrong", Decimal(2))), "overwrite")
    with suppress(KilledError), killed_at_call(env, step):
        RestorePlan.of(env, TABLE, right).execute()
    RestorePlan.of(env, TABLE, right).execute()
    assert open_table(env, TABLE).to_pyarrow_table()["name"].to_pylist() == ["right"]


def test_a_reset_and_a_restore_killed_midway_are_started_again(world: Environment) -> None:
    check_reset(world, 3)
    check_restore(world, 3)
    assert all(row.actor for row in Audit(world).list(limit=4))


@pytest.mark.slow
@pytest.mark.parametrize("step", range(1, LAST_STEP))
def test_a_reset_and_a_restore_killed_at_any_step_are_started_again(world: Environment, step: int) -> None:
    check_reset(world, step)
    check_restore(world, step)
