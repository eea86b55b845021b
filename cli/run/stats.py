"""`lakehouse stats`: what the runs of some days came to, against the targets, and what each part cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import EnvName, Json, live_environment, print_rows

if TYPE_CHECKING:
    from glue_jobs.state.run_row import RunRow
    from lakehouse.environments import Environment
    from lakehouse.pipelines import Job

# What users asked for: at least so many runs in a hundred succeed; a batch takes so many minutes at most.
SUCCESS_PERCENT, BATCH_MINUTES = 99.0, 30.0


@dataclass(frozen=True)
class Figure:
    """One figure with its unit and target; `met` is None where there is no target, or nothing to measure."""

    name: str
    value: float | None
    target: str = ""
    met: bool | None = None

    def row(self) -> list[object]:
        verdict = {None: "", True: "met", False: "missed"}[self.met]
        return [self.name, None if self.value is None else round(self.value, 4), self.target, verdict]


def stats(
    env: EnvName,
    days: Annotated[int, typer.Option(min=1, help="Runs that started in so many days up to now.")] = 30,
    by: Annotated[str, typer.Option(help="Cost by pipeline, job, table or run.")] = "pipeline",
    as_json: Json = False,
) -> None:
    """Success rate, average batch time, efficiency of workers and cost of the runs in the audit.

    A batch is a run that ended well of a job that ends. A table's cost is its share of the rows that its run
    read. Commands of persons do not count.
    """
    from glue_jobs.state.audit import Audit
    from glue_jobs.state.lease import holds_lease
    from lakehouse.pipelines import load_pipelines

    if by not in ("pipeline", "job", "table", "run"):
        raise typer.BadParameter("wanted pipeline, job, table or run", param_hint="--by")
    environment, now = live_environment(env), datetime.now(UTC)
    since = (now - timedelta(days=days)).isoformat()
    runs = [r for r in Audit(environment).list(limit=1_000_000) if r.started_at >= since and not r.actor]
    dead = {r.run_id for r in runs if r.is_dead(now, partial(holds_lease, environment))}
    jobs = {job.name: job for pipeline in load_pipelines().values() for job in pipeline.jobs}
    rows = [figure.row() for figure in figures(runs, dead, jobs, environment)]
    costs = [[name, count, round(usd, 4)] for name, count, usd in costs_by(runs, by)]
    if as_json:
        documents = [*rows, *([f"cost of {by} {name}, USD", usd, "", ""] for name, _, usd in costs)]
        print_rows("", ["figure", "value", "target", "verdict"], documents, as_json=True)
        return
    print_rows(
        f"{days} days of {env}",
        ["figure", "value", "target", "verdict"],
        [[name, _written(str(name), value), *more] for name, value, *more in rows],
        as_json=False,
        right=["value"],
    )
    print_rows(f"cost by {by}", [by, "runs", "cost_usd"], costs, as_json=False, right=["runs", "cost_usd"])


def _written(name: str, value: object) -> object:
    """USD as in all tables of costs: a run costs less than a cent."""
    return f"{value:,.4f}" if isinstance(value, float) and name.endswith("USD") else value


def figures(
    runs: Sequence[RunRow], dead: Iterable[str], jobs: Mapping[str, Job], env: Environment
) -> list[Figure]:
    """The figures of the runs. Those with an id in `dead` are RUNNING and have failed; others still run."""
    from glue_jobs.state.run_row import Status

    lost = set(dead)
    ended = [r for r in runs if r.status is not Status.RUNNING or r.run_id in lost]
    succeeded = [r for r in ended if r.status is Status.SUCCEEDED]
    batches = [r for r in succeeded if r.job not in jobs or not jobs[r.job].continuous]
    rate = 100 * len(succeeded) / len(ended) if ended else None
    minutes = sum(r.seconds for r in batches) / len(batches) / 60 if batches else None
    worker_seconds = sum(r.seconds * _workers(jobs.get(r.job), env) for r in ended)
    rows = sum(c.rows_in for r in ended for c in r.tables.values())
    usd = sum(r.cost_estimate_usd for r in runs)
    return [
        Figure("runs that ended", len(ended)),
        Figure(
            "success rate, %",
            rate,
            f"≥ {SUCCESS_PERCENT:g}",
            None if rate is None else rate >= SUCCESS_PERCENT,
        ),
        Figure(
            "average batch, minutes",
            minutes,
            f"≤ {BATCH_MINUTES:g}",
            None if minutes is None else minutes <= BATCH_MINUTES,
        ),
        Figure("rows per worker and second", rows / worker_seconds if worker_seconds else None),
        Figure("cost, USD", usd),
        Figure("cost of a run, USD", usd / len(runs) if runs else None),
    ]


def _met(value: float | None, holds: Callable[[float], bool]) -> bool | None:
    return None if value is None else holds(value)


def _workers(job: Job | None, env: Environment) -> int:
    return (job.workers if job else None) or env.glue.workers


def costs_by(runs: Iterable[RunRow], by: str) -> list[tuple[str, int, float]]:
    """(name, runs, USD) of each pipeline, job, table or run, the dearest first; they add up to the whole."""
    usd: dict[str, float] = defaultdict(float)
    count: dict[str, int] = defaultdict(int)
    for run in runs:
        for name, share in _shares(run, by).items():
            usd[name] += share * run.cost_estimate_usd
            count[name] += 1
    return sorted(((n, count[n], usd[n]) for n in usd), key=lambda row: (-row[2], row[0]))


def _shares(run: RunRow, by: str) -> dict[str, float]:
    """The parts of a run's cost. Its tables share it by the rows read, and evenly where none was read."""
    if by != "table":
        return {{"pipeline": run.pipeline, "job": run.job, "run": run.run_id}[by]: 1.0}
    if not run.tables:
        return {"(no table)": 1.0}
    rows = sum(c.rows_in for c in run.tables.values())
    return {t: c.rows_in / rows if rows else 1 / len(run.tables) for t, c in run.tables.items()}
