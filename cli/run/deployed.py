"""Starts the deployed jobs of an environment, and follows them to their end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TextIO

from rich.console import Console
from rich.live import Live

from cli.progress import is_quiet
from cli.run.deployed_unit import DeployedUnit
from cli.run.glue_unit import GlueUnit
from cli.run.machine_unit import MachineUnit
from cli.run.outcome import Outcome, log_file, screen
from cli.run.request import JobsRequest
from cli.run.units import Unit, planned
from glue_jobs.errors import RunError
from lakehouse.environments import Environment
from lakehouse.pipelines import Job

# Seconds between two looks at the runs: at the embedded AWS they are free, and runs are short.
_LOOK_SECONDS, _LOOK_SECONDS_LOCAL = 10.0, 0.5


def run_deployed(env: Environment, jobs: list[Job], request: JobsRequest, *, quiet: bool) -> list[Outcome]:
    """Runs the deployed jobs, each after those that it waits for. One that waits for a failed job is skipped.

    What they log is copied into the log file of the run. Runs that have been started go on when this process
    is interrupted, which it says; units after them are not started.
    """
    outcomes = {job.name: Outcome(job.name) for job in jobs}
    console = Console(stderr=True, quiet=quiet or is_quiet())
    with log_file(env).open("a") as log:
        with Live(console=console, get_renderable=lambda: screen(outcomes), refresh_per_second=4) as live:
            running: list[DeployedUnit] = []
            try:
                units = [_deployed(env, unit, request, outcomes, log) for unit in planned(env, jobs, request)]
                _run_all(env, units, running)
            except KeyboardInterrupt:
                going = ", ".join(unit.name for unit in running)
                console.print(f"interrupted; AWS goes on with: {going or 'nothing'}")
                raise
            live.refresh()
        console.print()
    return list(outcomes.values())


def _deployed(
    env: Environment, unit: Unit, request: JobsRequest, outcomes: Mapping[str, Outcome], log: TextIO
) -> DeployedUnit:
    by_machine = unit.dag is not None and env.stack.orchestrator == "none"
    return (MachineUnit if by_machine else GlueUnit)(env, unit, request, outcomes, log)


def _run_all(env: Environment, units: list[DeployedUnit], running: list[DeployedUnit]) -> None:
    """Start each unit when those that it waits for have ended, until all have. `running` is kept current."""
    waiting = list(units)
    pause = _LOOK_SECONDS_LOCAL if env.aws.endpoint else _LOOK_SECONDS
    while waiting or running:
        for unit in [unit for unit in waiting if _may_begin(unit, waiting, running)]:
            waiting.remove(unit)
            if _begin(unit):
                running.append(unit)
        if running:
            time.sleep(pause)
        running[:] = [unit for unit in running if not unit.look()]


def _may_begin(unit: DeployedUnit, waiting: list[DeployedUnit], running: list[DeployedUnit]) -> bool:
    going = {name for other in (*waiting, *running) for name in other.unit.job_names}
    return not unit.unit.awaited & going


def _begin(unit: DeployedUnit) -> bool:
    """Whether it runs now."""
    if not all(unit.outcomes[name].succeeded for name in unit.unit.awaited):
        for outcome in unit.own:
            outcome.status = "skipped"
        return False
    unit.own[0].status, unit.own[0].detail = "running", "STARTING"
    try:
        unit.start()
    except RunError as error:
        # Another run of it, a quota, a right that is missing: the units beside it go on.
        unit.own[0].status, unit.own[0].error = "failed", str(error)
        for outcome in unit.own[1:]:
            outcome.status = "skipped"
        return False
    return True
