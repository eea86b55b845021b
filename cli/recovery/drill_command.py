"""`lakehouse dr drill`: the loss of the first region, rehearsed, with the figures of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import EnvName, Json, day_option, live_environment, pipeline_names, print_rows
from cli.operations.ask import DryRun, Yes, agreed
from cli.recovery.dr import dr

if TYPE_CHECKING:
    from cli.recovery.drill import DrillResult
    from lakehouse.environments import Environment
    from lakehouse.pipelines import Job

COLUMNS = [
    "seed",
    "objects",
    "arrived",
    "tables cut",
    "RPO (s)",
    "RTO (s)",
    "rows compared",
    "rows that differ",
]
DRILL_HELP = """
Rehearse the loss of the first region, and print RPO and RTO beside the facts.

The day runs; its objects go to a second region in random order until a random moment. Then all that the
runbook says is done to these copies: check, cut, raise watermarks, fill new buckets, run the day again. Each
table is compared with the world that was never lost, row by row.

Each drill has an environment of its own, `drill<seed>`, which it removes; the tables of --env stay as the
day's run makes them. It is for a local world: a day cannot be run twice beside a deployed one, where
`lakehouse dr export`, `dr verify` and `dr restore` are what to rehearse.

The same --seed arrives in the same order. Exit code 1 when a row differs or a promise is broken.

Example: lakehouse dr drill --env local --pipeline retail --run-date 2017-01-31 --drills 3
"""


@dr.command("drill", help=DRILL_HELP)
def drill(
    env: EnvName,
    pipeline: Annotated[
        str, typer.Option(help="The pipeline whose day runs.", autocompletion=pipeline_names)
    ],
    run_date: Annotated[datetime, day_option(help="The day.")],
    drills: Annotated[int, typer.Option(min=1, help="So many drills of the day.")] = 1,
    seed: Annotated[int, typer.Option(help="That of the first drill; each further one has the next.")] = 1,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """DRILL_HELP is what a person reads."""
    world = live_environment(env)
    require_local(world)
    jobs = lake_jobs(world, pipeline)
    tables = [table for job in jobs for table in job.writes]
    typer.echo(f"  jobs, {1 + drills} times: {', '.join(job.name for job in jobs)}", err=as_json)
    typer.echo(f"  tables: {len(tables)}; drills: {drills}", err=as_json)
    if not agreed(f"Drill the loss of {world.region} in {world.name}?", yes=yes, dry_run=dry_run):
        return
    from cli.recovery.drill_world import run_drills

    results = run_drills(world, jobs, run_date.date(), range(seed, seed + drills))
    rows = [
        [
            r.seed,
            r.objects,
            r.arrived,
            len(r.cut),
            r.rpo_seconds,
            round(r.rto_seconds, 1),
            r.rows,
            sum(r.differences.values()),
        ]
        for r in results
    ]
    print_rows("drills", COLUMNS, rows, as_json=as_json, right=COLUMNS)
    if not _promises(world, results, as_json):
        raise typer.Exit(1)


def lake_jobs(env: Environment, pipeline: str) -> list[Job]:
    """The jobs of a pipeline that write tables of the lake, in order."""
    from cli.run.selection import choose
    from lakehouse.contracts import load_schemas
    from lakehouse.pipelines.graph import ordered

    on_lake = load_schemas().on_lake
    return ordered([j for j in choose([pipeline], None) if j.runs_in(env) and set(j.writes) & set(on_lake)])


def require_local(env: Environment) -> None:
    """Raises BadParameter for a deployed environment."""
    if env.overlay is None:
        raise typer.BadParameter(
            f"{env.name} is deployed: a day cannot be run twice beside it; rehearse `lakehouse dr export`, "
            "`dr verify` and `dr restore` there",
            param_hint="--env",
        )


def _promises(env: Environment, results: Sequence[DrillResult], as_json: bool) -> bool:
    recovery = env.stack.recovery
    worst = [max(r.rpo_seconds for r in results) / 60, max(r.rto_seconds for r in results) / 60]
    promised = [recovery.rpo_minutes, recovery.rto_minutes]
    for name, minutes, limit in zip(("RPO", "RTO"), worst, promised, strict=True):
        typer.echo(f"{name}: {minutes:.2f} min at worst, {limit} min promised", err=as_json)
    differ = sorted({table for r in results for table in r.differences})
    typer.echo(f"tables that differ: {', '.join(differ) or 'none'}", err=as_json)
    return not differ and all(m <= limit for m, limit in zip(worst, promised, strict=True))
