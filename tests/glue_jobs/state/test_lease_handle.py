"""A lease is renewed while it is held, checked against clock and table, and released at the end."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest

from glue_jobs.state.control_table import ControlTable
from glue_jobs.state.lease import LeaseLostError, LeaseTakenError, lease
from lakehouse.environments import Environment
from lakehouse.environments.names import Control


@pytest.fixture
def table() -> str:
    return f"silver.t_{uuid.uuid4().hex}"


def test_lease_is_held_for_longer_than_it_lasts_by_renewal(aws_env: Environment, table: str) -> None:
    with lease(aws_env, table, "run-1", seconds=0.6) as handle:
        for _ in range(4):
            time.sleep(0.4)
            handle.check()
        with pytest.raises(LeaseTakenError), lease(aws_env, table, "run-2", seconds=0.6, wait_seconds=1):
            pass


def test_lease_whose_replies_are_lost_is_taken_renewed_and_released(lossy: Any, table: str) -> None:
    lossy.lose_replies("PutItem", times=1)
    with lease(lossy.env, table, "run-1", seconds=3) as handle:
        assert len(lossy.fired) == 1
        assert handle.fence == 1
        lossy.lose_replies("PutItem", times=1)
        time.sleep(1.5)
        assert len(lossy.fired) == 2
        handle.check()
        lossy.lose_replies("PutItem", times=1)
    assert len(lossy.fired) == 3
    with lease(lossy.env, table, "run-2", seconds=3) as handle:
        assert handle.fence == 2


def test_holder_that_cannot_renew_loses_the_lease_by_its_own_clock(lossy: Any, table: str) -> None:
    with lease(lossy.env, table, "run-1", seconds=0.6) as handle:
        lossy.refuse("dynamodb", "PutItem")
        time.sleep(0.8)
        with pytest.raises(LeaseLostError, match=r"not renewed for 0\.6 s"):
            handle.check()
        lossy.heal()
        time.sleep(0.3)
        with pytest.raises(LeaseLostError):
            handle.check()


def test_lease_is_renewed_on_a_table_that_throttles_half_of_all_calls(lossy: Any, table: str) -> None:
    with lease(lossy.env, table, "run-1", seconds=3) as handle:
        lossy.throttle(0.5)
        time.sleep(9)
        lossy.heal()
        handle.check()


def test_renewal_of_unknown_outcome_is_not_taken_for_another_run(lossy: Any, table: str) -> None:
    with lease(lossy.env, table, "run-1", seconds=3) as handle:
        lossy.lose_reply_and_its_check()
        time.sleep(1.8)
        assert len(lossy.fired) == 2
        handle.check()
        lossy.heal()
    assert ControlTable(lossy.env, Control.LEASES).get(table)["released"]  # type: ignore[index]


def test_check_sees_that_another_run_took_the_lease(aws_env: Environment, table: str) -> None:
    leases = ControlTable(aws_env, Control.LEASES)
    with lease(aws_env, table, "run-1", seconds=30) as handle:
        current = leases.get(table)
        assert current is not None
        leases.replace(current, {**current, "holder": "thief", "fence": current["fence"] + 1})
        with pytest.raises(LeaseLostError, match="taken by run thief"):
            handle.check()
    left = leases.get(table)
    assert left is not None
    assert (left["holder"], left["released"]) == ("thief", False)


def test_failure_inside_the_block_releases_the_lease(aws_env: Environment, table: str) -> None:
    with pytest.raises(KeyError), lease(aws_env, table, "run-1"):
        raise KeyError("x")
    with lease(aws_env, table, "run-2") as handle:
        assert handle.fence == 2
