"""`lakehouse run`: one job, or whole pipelines, with live progress; as deployed, or in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import EnvName, Here, Json, as_date, day_option, job_names, pipeline_names, print_rows
from cli.progress import tell
from cli.run.execution import execute
from cli.run.selection import choose, days
from lakehouse.pipelines import Job
from lakehouse.pipelines.full_refresh import check_force, check_full_refresh
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector

if TYPE_CHECKING:
    from cli.run.outcome import Outcome

COLUMNS = ["job", "status", "rows in", "written", "quarantined", "deduplicated", "seconds", "Glue cost (USD)"]


RunDate = Annotated[datetime | None, day_option(help="The logical date: what the run calls today.")]
FirstDate = Annotated[datetime | None, day_option("--from", help="First of several logical dates.")]
LastDate = Annotated[datetime | None, day_option("--to", help="Last of several logical dates.")]
Pipelines = Annotated[
    list[str] | None,
    typer.Option(
        help="Run all jobs of this pipeline, in order; of several, in the order of their tables.",
        autocompletion=pipeline_names,
    ),
]
JobName = Annotated[str | None, typer.Option(help="Run this job alone.", autocompletion=job_names)]
FullRefresh = Annotated[
    bool, typer.Option("--full-refresh", help="Make the tables of --job anew from all of their inputs.")
]
Force = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TABLE",
        help="Make this table anew, judge it whole and publish it whole, though nothing changed.",
    ),
]
Params = Annotated[
    list[str] | None, typer.Option(help="KEY=VALUE: replaces a value of the job's parameters.")
]


def run(
    env: EnvName,
    run_date: RunDate = None,
    start: FirstDate = None,
    end: LastDate = None,
    pipeline: Pipelines = None,
    job: JobName = None,
    full_refresh: FullRefresh = False,
    force: Force = None,
    here: Here = False,
    param: Params = None,
    as_json: Json = False,
) -> None:
    """Start the deployed jobs of pipelines, or one job, and follow them to their end.

    Pipelines run as their schedules run them where one call starts these: by the state machines of their
    DAGs where there is no Airflow, which also wait for jobs of other DAGs, and in one run where they are
    fused. With --param or --force their jobs run one by one.
    In a local world without deployed jobs they run in this process, as with --here.
    A pipeline stops at the first failed gate or job; what depends on it is not run, and no later date is
    run. Exit code 1 when anything failed.
    Started again, it goes on where it was: nothing is written twice.
    """
    dates = days(as_date(run_date), as_date(start), as_date(end))
    jobs = choose(pipeline or [], job)
    _require_possible(pipeline, jobs, force or [], full_refresh=full_refresh)
    run_day = partial(
        execute,
        env,
        jobs,
        quiet=as_json,
        full_refresh=full_refresh,
        here=here,
        params=_params(param or []),
        force=force or [],
        whole=bool(pipeline),
    )
    outcomes = _run_days(run_day, dates, as_json=as_json)
    if as_json:
        summary([o for _, o in outcomes], as_json=True, dates=[d for d, _ in outcomes])
    _end(outcomes, dates)


def _run_days(
    run_day: Callable[[date], list[Outcome]], dates: list[date], *, as_json: bool
) -> list[tuple[date, Outcome]]:
    """The outcomes of each date, in order, up to the first date with a job that did not end well."""
    outcomes: list[tuple[date, Outcome]] = []
    for day in dates:
        if len(dates) > 1 and not as_json:
            tell(f"run of {day}")
        of_day = run_day(day)
        outcomes += [(day, outcome) for outcome in of_day]
        if not as_json:
            summary(of_day, as_json=False)
        if any(not o.succeeded for o in of_day):
            break
    return outcomes


def _end(outcomes: list[tuple[date, Outcome]], dates: list[date]) -> None:
    """Raises Exit with code 1 when a job did not end well; says which dates were not run then."""
    if all(o.succeeded for _, o in outcomes):
        return
    left = [d for d in dates if d > outcomes[-1][0]]
    if left:
        typer.echo(f"not run: {left[0]}{f' to {left[-1]}' if len(left) > 1 else ''}", err=True)
    raise typer.Exit(1)


def _require_possible(
    pipelines: list[str] | None, jobs: list[Job], force: list[str], *, full_refresh: bool
) -> None:
    """Raises BadParameter for pipelines made anew at once; FaultsError (LK330, LK237) for a job without
    tables to make anew and for a table that no job makes, judges or publishes.
    """
    faults = Collector(project_root())
    if full_refresh and pipelines:
        raise typer.BadParameter("--full-refresh makes the tables of one job anew: name it with --job")
    if full_refresh:
        check_full_refresh(jobs[0], faults)
    check_force(jobs, force, faults)
    faults.raise_if_any()


def _params(words: list[str]) -> dict[str, str]:
    """KEY → VALUE. Raises BadParameter for a word that is no pair, and for a key that is given twice."""
    pairs = [word.partition("=") for word in words]
    for (key, equals, _), word in zip(pairs, words, strict=True):
        if not key.strip() or not equals:
            raise typer.BadParameter(f"--param '{word}': wanted KEY=VALUE")
        if sum(other.strip() == key.strip() for other, _, _ in pairs) > 1:
            raise typer.BadParameter(f"--param {key.strip()} is given twice")
    return {key.strip(): value for key, _, value in pairs}


def summary(outcomes: list[Outcome], as_json: bool, dates: Sequence[date] = ()) -> None:
    """Prints a row per job, what is unchanged, the warnings of all, and the errors of those that failed.

    `dates`: the logical date of each outcome, for JSON alone.
    """
    states = [o.status if as_json else o.shown for o in outcomes]
    rows = [
        [o.job, state, *o.totals(), round(o.seconds, 1), o.cost]
        for o, state in zip(outcomes, states, strict=True)
    ]
    if as_json:
        print_rows(
            "jobs",
            [*COLUMNS, "warnings", "error", "unchanged", *(["run_date"] if dates else [])],
            [
                [*row, o.warnings, o.error, o.unchanged, *dates[n : n + 1]]
                for n, (row, o) in enumerate(zip(rows, outcomes, strict=True))
            ],
            as_json=True,
        )
    else:
        print_rows("jobs", COLUMNS, rows, as_json=False, right=COLUMNS[2:])
    for o in outcomes:
        for line in [] if as_json else o.unchanged_lines():
            typer.echo(f"{o.job}: {line}")
        for warning in o.warnings:
            typer.echo(f"{o.job}: warning: {warning}", err=True)
        if o.error:
            typer.echo(f"{o.job}: {o.error}", err=True)
