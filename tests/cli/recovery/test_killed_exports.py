"""Exports and restores that were killed are started again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cli.recovery.buckets import require_buckets
from cli.recovery.export import Exporter
from cli.recovery.export_plan import plan_export
from cli.recovery.exports import find_export, read_export
from cli.recovery.region import Region
from cli.recovery.restore import Restore, undo_restore
from tests.cli.recovery.export_world import SILVER, TABLES, ExportWorld
from tests.killed import KilledError, killed_at_call

Values = list[list[Any]]


def kill_everywhere(world: ExportWorld, steps: list[int]) -> Iterator[tuple[Values, Values]]:
    """An export and a restore, killed at each of these changes and started again.

    For each step twice: what the tables hold, and what they would hold had nothing been killed.
    """
    # The lease of a process that was killed is free after so many seconds.
    world = ExportWorld(world.env.model_copy(update={"lease_seconds": 1}))
    second, first = Region.second(world.env), Region.first(world.env)
    require_buckets(second)
    for step in steps:
        plan = plan_export(world.env, TABLES)
        with pytest.raises(KilledError), killed_at_call(world.env, step):
            Exporter(world.env, plan).execute()
        if read_export(second, plan.id) is None:
            Exporter(world.env, plan).execute()
        export = find_export(second, plan.id)
        before = [world.values(table) for table in TABLES]
        world.day(1 + len(world.values(SILVER)))
        after = [world.values(table) for table in TABLES]
        with pytest.raises(KilledError), killed_at_call(world.env, step):
            Restore.of(first, export, TABLES).execute()
        work = Restore.of(first, export, TABLES)
        work.execute()
        yield [world.values(table) for table in TABLES], before
        undo_restore(first, second, work.name)
        yield [world.values(table) for table in TABLES], after


def test_an_export_and_a_restore_killed_midway_are_started_again(world: ExportWorld) -> None:
    held = list(kill_everywhere(world, [9]))
    assert [values for values, _ in held] == [expected for _, expected in held]
    assert len(held) == 2


@pytest.mark.slow
def test_an_export_and_a_restore_killed_at_any_step_are_started_again(world: ExportWorld) -> None:
    held = list(kill_everywhere(world, list(range(2, 22))))
    assert [values for values, _ in held] == [expected for _, expected in held]
    assert len(held) == 40
