"""Prices the runs of jobs, those of the schedule and those of streams, and what starts them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from cronsim import CronSim

from cli.cost.month import CostLine, Group, line
from infra.facts import Facts
from lakehouse.environments.prices import Prices
from lakehouse.environments.unit_prices import HOURS_A_MONTH
from lakehouse.pipelines import Job

YEAR = timedelta(days=365)
# A first of January, so that rare schedules are counted over a whole year.
START = datetime(2027, 1, 1)
# A schedule is asked for what comes after a moment.
JUST_BEFORE = START - timedelta(minutes=1)
# A schedule that comes more often is counted over a day alone.
OFTEN = 24
# The metrics of a run; a table has one more. CloudWatch asks for a metric in the hours that it is sent in.
METRICS = 5


def starts_in_a_month(schedule: str) -> float:
    """How often a cron schedule comes in a twelfth of a year."""
    day = START + timedelta(days=1)
    today = sum(1 for _ in takewhile(lambda start: start < day, CronSim(schedule, JUST_BEFORE)))
    if today > OFTEN:
        return today * 365 / 12
    return sum(1 for _ in takewhile(lambda start: start < START + YEAR, CronSim(schedule, JUST_BEFORE))) / 12


def run_lines(
    facts: Facts, glue_jobs: Mapping[str, Any], prices: Prices, seconds: Mapping[str, float]
) -> Iterator[CostLine]:
    """The month of each job of the environment.

    `glue_jobs`: the stack's, by resource name. `seconds` of a run, by job, where the audit has some.
    """
    fused = {member.name: job.name for job in facts.jobs for member in job.members}
    for job in facts.jobs:
        if job.name in fused:
            # Its schedule starts the fused run in its place.
            continue
        body = glue_jobs[f"job_{job.name}"]
        group = Group.STREAMS if job.kind == "streaming" else Group.SCHEDULE
        measured_seconds = [seconds[m.name] for m in job.members if m.name in seconds]
        lasted = sum(measured_seconds) if measured_seconds else seconds.get(job.name)
        hours, basis = _hours(facts, job, prices, lasted)
        units = body["number_of_workers"] * prices.glue_dpu_per_worker[body["worker_type"]]
        flex = body.get("execution_class") == "FLEX"
        usd = prices.glue_flex_dpu_hour_usd if flex else prices.glue_dpu_hour_usd
        yield CostLine(group, "aws_glue_job", job.name, hours * units, "DPU-hour", usd, basis)
        measured = min(1.0, _starts(facts, job) / HOURS_A_MONTH)
        metrics = (METRICS + len(job.writes)) * measured
        yield line(
            prices, group, ("custom metrics", job.name), metrics, "custom_metric", "metrics that it sends"
        )


def execution_lines(facts: Facts, machines: Mapping[str, Any], prices: Prices) -> Iterator[CostLine]:
    """The month of each state machine: every state of it once in each execution.

    `machines`: the stack's, by resource name. States that a run passes over and looks of a wait even out.
    """
    for dag in facts.dags if machines else ():
        name = f"state_machine_{dag.dag_id}"
        states = _states(json.loads(machines[name]["definition"]))
        runs = starts_in_a_month(dag.schedule)
        basis = f"{runs:.1f} executions of {states} states"
        group = Group.STREAMS if dag.kind == "streaming" else Group.SCHEDULE
        yield line(
            prices, group, ("aws_sfn_state_machine", dag.dag_id), runs * states, "state_transition", basis
        )


def _states(definition: Mapping[str, Any]) -> int:
    """The states of a definition, with those of its branches."""
    states = definition["States"].values()
    return len(states) + sum(_states(branch) for state in states for branch in state.get("Branches", ()))


def _hours(facts: Facts, job: Job, prices: Prices, measured: float | None) -> tuple[float, str]:
    """Hours of runs in a month, and what they follow from."""
    schedule = facts.env.schedule_of(job.schedule)
    if schedule == "continuous":
        return HOURS_A_MONTH, "day and night"
    runs, each = starts_in_a_month(schedule), measured or prices.assumed.run_seconds
    basis = f"{runs:.1f} runs of {each:.0f} s, {'by the audit' if measured else 'assumed'}"
    return runs * max(each, prices.glue_minimum_seconds) / 3600, basis


def _starts(facts: Facts, job: Job) -> float:
    schedule = facts.env.schedule_of(job.schedule)
    return HOURS_A_MONTH if schedule == "continuous" else starts_in_a_month(schedule)
