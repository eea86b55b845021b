"""`lakehouse scd2 …`: dimensions that keep the versions of a key, and the way back to right ones."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.common import EnvName, Here, live_environment, unknown
from cli.operations.ask import DryRun, Yes, agreed

scd2 = typer.Typer(
    help="Dimensions that keep the versions of a key (SCD type 2): make them again from a moment on.",
    no_args_is_help=True,
)


def dimension_names() -> list[str]:
    """The tables whose contracts say `write: scd2`."""
    from lakehouse.contracts import load_schemas

    return sorted(t for t, c in load_schemas().contracts.items() if c.lake.write == "scd2")


Dimension = Annotated[
    str,
    typer.Argument(
        metavar="TABLE", help="<layer>.<table>, such as gold.dim_customer.", autocompletion=dimension_names
    ),
]


REWIND_HELP = """Make a dimension again from a moment on, out of what bronze and silver hold.

For states that were wrong: a transform that was mended since, a table that somebody wrote by hand, rows
of the source that were corrected. Mend the cause first, and bronze and silver where they are wrong.

Versions that began before --from are not touched, but for the end of the last one of each key. The jobs
between bronze and the dimension write all rows that their tables ever had; the dimension is made again
from these in one commit, and the facts of its job point to the right versions in the same run. Other jobs
follow with their next run.

Shows which jobs run, what may change and what it costs, and asks. Killed or failed, the same command is
started again: nothing is written twice. --undo brings the dimension back to the version before, by one
commit, and lets its facts follow.

Example: lakehouse scd2 rewind gold.dim_customer --env prod --from 2017-03-01"""


@scd2.command("rewind", help=REWIND_HELP)
def rewind(
    env: EnvName,
    table: Dimension,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help="A day or a moment of source time (UTC): versions that began then or later are made again.",
        ),
    ] = None,
    undo: Annotated[str | None, typer.Option(help="The run id of a rewind that is to be undone.")] = None,
    here: Here = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Plans, asks and rewinds; REWIND_HELP is what a person reads."""
    if (start is None) == (undo is None):
        raise typer.BadParameter("give either --from or --undo")
    world = live_environment(env)
    if table not in dimension_names():
        raise unknown("dimension", table, dimension_names())
    if undo is not None:
        _undo(env, table, undo, here=here, yes=yes, dry_run=dry_run)
        return
    from cli.scd2.rewind import RewindPlan
    from cli.tables.versions import moment_of

    plan = RewindPlan.of(world, table, moment_of(str(start)))
    for subject, value in plan.facts():
        typer.echo(f"  {subject}: {value}")
    if not agreed(f"Rewind {table} in {world.name}?", yes=yes, dry_run=dry_run):
        return
    run_id = plan.execute(here=here)
    typer.echo(f"rewound; undo: `lakehouse scd2 rewind --env {env} {table} --undo {run_id}`")
    for job in plan.followers:
        typer.echo(f"{job} follows with its next run")


def _undo(env: str, table: str, run_id: str, *, here: bool, yes: bool, dry_run: bool) -> None:
    from cli.run.commands import summary
    from cli.run.execution import execute
    from cli.scd2.rewind import version_before
    from cli.tables.restore import RestorePlan, facts
    from glue_jobs.run import yesterday
    from lakehouse.pipelines import jobs_in

    world = live_environment(env)
    plan = RestorePlan.of(world, table, version_before(world, table, run_id))
    for subject, value in facts(plan):
        typer.echo(f"  {subject}: {value}")
    if plan.newest == plan.version:
        typer.echo("the rewind changed nothing: there is nothing to undo")
        return
    if not agreed(f"Undo the rewind of {table} in {world.name}?", yes=yes, dry_run=dry_run):
        return
    restored = plan.execute()
    job = next(job for job in jobs_in(world) if table in job.writes)
    outcomes = execute(env, [job], yesterday(), quiet=False, here=here)
    summary(outcomes, as_json=False)
    typer.echo(f"undone; back: `lakehouse table restore --env {env} {table} --undo {restored}`")
    if not outcomes[0].succeeded:
        raise typer.Exit(1)
