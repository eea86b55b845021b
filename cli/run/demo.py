"""`lakehouse demo`: from nothing to an answer on gold, with the pipeline and the question that lakehouse.yml
names.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from cli.common import as_date, day_option, environment, live_environment, print_rows
from cli.run.commands import summary
from cli.run.execution import execute
from cli.run.selection import choose
from cli.tables.query import answer, by_athena
from lakehouse.pipelines import Job
from lakehouse.project import MARKER, Demo, Project

KEEP_SECONDS = 1800


FirstDay = Annotated[datetime | None, day_option("--from", help="First day of the sample data.")]
LastDay = Annotated[
    datetime | None,
    day_option("--to", help="Last day, which is also the run's logical date."),
]
Dirt = Annotated[
    float | None, typer.Option(min=0, max=1, help="Share of broken and doubled rows of each kind.")
]
Keep = Annotated[bool, typer.Option(help="Leave the local platform up for half an hour, to look around.")]
Deployed = Annotated[
    bool,
    typer.Option("--deployed", help="Deploy the stack into the local world, and run the deployed jobs."),
]


def demo(
    start: FirstDay = None,
    end: LastDay = None,
    dirt: Dirt = None,
    keep: Keep = True,
    deployed: Deployed = False,
) -> None:
    """Start the local platform, load sample data, run the project's demo pipeline, and ask gold a question.

    `demo` in lakehouse.yml names the pipeline, the days and the question. Exit code 2 when it names none.
    With --deployed, which needs Terraform and Airflow (`make airflow`), the unmodified stack is deployed
    first; its Airflow runs the DAG, its jobs run under their own roles, and one of them fails for a right
    that is taken away, so that its alert is seen.
    """
    project = Project.find()
    facts = _facts_of(project)
    from cli.deploy.deploy_target import workdir_of
    from cli.local.project_sample import sample_data_of
    from local_aws.local_platform import down, status

    sample_data_of(project)
    workdir = workdir_of(environment("local"))
    was_up = status(workdir).up
    days = (as_date(start) or facts.start, as_date(end) or facts.end)
    try:
        _stages(project, facts, days, facts.dirt if dirt is None else dirt, deployed=deployed)
    finally:
        if not keep and not was_up:
            down(workdir)
    if keep:
        typer.echo("the local platform stays up, and ends by itself when it is not asked:")
        typer.echo("`lakehouse query --env local '…'` asks it; `lakehouse local down` ends it")


def _stages(project: Project, facts: Demo, days: tuple[date, date], dirt: float, *, deployed: bool) -> None:
    """Does the demo in a world, stage by stage, and says how long each took."""
    from cli.deploy.deploy_target import workdir_of

    jobs, stages = choose([facts.pipeline], None), dict[str, float]()
    with _stage("start", stages):
        _start(workdir_of(environment("local")), deployed)
    with _stage("sources", stages):
        _load(project, days, dirt)
    with _stage("jobs", stages):
        _run(jobs, days[1], deployed=deployed)
    if deployed:
        from cli.run.demo_deployed import show_alert

        with _stage("alert", stages):
            show_alert(jobs, days[1])
    with _stage("answer", stages):
        _ask(facts, deployed=deployed)
    typer.echo(", ".join(f"{name} {seconds:.0f} s" for name, seconds in stages.items()))
    typer.echo(f"{sum(stages.values()):.0f} s in all")


@contextmanager
def _stage(name: str, stages: dict[str, float]) -> Iterator[None]:
    """Notes the seconds that the block takes."""
    started = time.monotonic()
    yield
    stages[name] = time.monotonic() - started


def _start(workdir: Path, deployed: bool) -> None:
    if deployed:
        from cli.run.demo_deployed import deploy_world

        deploy_world()
        return
    from local_aws.local_platform import LocalPlatform

    typer.echo("starting the local platform: S3, Glue, DynamoDB, Snowflake, Redshift, Kafka …")
    LocalPlatform.start(environment("local"), workdir, detached=True, idle_seconds=KEEP_SECONDS)


def _facts_of(project: Project) -> Demo:
    if project.settings.demo is None:
        raise typer.BadParameter(f"this project has no demo: {MARKER} has no key `demo`")
    return project.settings.demo


def _load(project: Project, days: tuple[date, date], dirt: float) -> None:
    from cli.local.project_sample import load_project_sample

    typer.echo(f"loading the sources, {days[0]} to {days[1]} …")
    loaded = load_project_sample(project, environment("local"), days, dirt)
    broken = sum(d.rows for d in loaded.dirt)
    typer.echo(f"{sum(loaded.rows.values()):,} source rows, {broken:,} broken or doubled ones among them")


def _run(jobs: list[Job], run_date: date, *, deployed: bool) -> None:
    if deployed:
        from cli.run.demo_dag import run_dags

        outcomes = run_dags(live_environment("local"), jobs, run_date)
    else:
        outcomes = execute("local", jobs, run_date, quiet=False, here=True)
    summary(outcomes, as_json=False)
    if any(not o.succeeded for o in outcomes):
        raise typer.Exit(1)


def _ask(facts: Demo, *, deployed: bool) -> None:
    """The answer on gold: of Athena where the stack is deployed, whose catalog it reads."""
    ask = by_athena if deployed else answer
    columns, rows = ask(live_environment("local"), facts.question)
    numbers = [
        column
        for column, value in zip(columns, rows[0] if rows else (), strict=False)
        if isinstance(value, int | float | Decimal)
    ]
    print_rows(facts.title, columns, rows, as_json=False, right=numbers)
