"""What the commands share: the environment option, output for people or machines, exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.project_option import project_environments, working_on
from lakehouse.environments import Environment, load_environment
from lakehouse.pipelines import load_pipelines
from lakehouse.reading.faults import FaultsError, nearest


def job_names() -> list[str]:
    return [j.name for p in load_pipelines().values() for j in p.jobs]


def pipeline_names() -> list[str]:
    return list(load_pipelines())


EnvName = Annotated[
    str,
    typer.Option(
        "--env",
        help="The environment to work on, as lakehouse.yml names it. There is no default.",
        autocompletion=lambda: list(project_environments()),
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Day = datetime
DAY = ["%Y-%m-%d"]


def environment(name: str) -> Environment:
    return load_environment(name)


def live_environment(name: str) -> Environment:
    """An environment that can be read and written now.

    Raises RunError when it needs the local platform and that is not up.
    """
    from glue_jobs.aws import require_up

    return require_up(load_environment(name))


def unknown(kind: str, name: str, among: Sequence[str]) -> typer.BadParameter:
    """The error for an unknown name of some kind, with the nearest of `among`, or all of them."""
    near = nearest(name, among)
    hint = f"did you mean '{near}'?" if near else f"there are {', '.join(among)}"
    return typer.BadParameter(f"unknown {kind} '{name}'; {hint}")


def exit_code_of(error: Exception) -> int | None:
    """2 for wrong facts and arguments, 1 for a run that failed, None for an error that is not expected."""
    if isinstance(error, FaultsError):
        return 2
    from glue_jobs.errors import RunError

    if isinstance(error, RunError):
        return int(getattr(error, "exit_code", 1))
    from infra.terraform.error import ToolError
    from local_aws.ivy import JarsError
    from local_aws.java import JavaMissingError
    from local_aws.processes import ServiceError

    return 1 if isinstance(error, ServiceError | JavaMissingError | JarsError | ToolError) else None


def print_rows(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    as_json: bool,
    right: Sequence[str] = (),
) -> None:
    """Print rows as a table for people, or as a list of JSON objects for machines."""
    if as_json:
        typer.echo(
            json.dumps(
                [dict(zip(columns, row, strict=True)) for row in rows], default=str, ensure_ascii=False
            )
        )
        return
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*[_cell(v) for v in row])
    # A pipe has no width, and rich's default of 80 columns would break every cell.
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.4f}" if abs(value) < 1 else f"{value:,.1f}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def as_date(day: datetime | None) -> date | None:
    return day.date() if day else None


def exiting(program: typer.Typer) -> None:
    """Run a program, and exit as `exit_code_of` says after an error, which is printed without a traceback."""
    from glue_jobs.observability.redact import redact

    try:
        with working_on(sys.argv[1:]) as arguments:
            program(args=arguments)
    except Exception as error:
        code = exit_code_of(error)
        if code is None:
            raise
        typer.echo(redact(str(error)), err=True)
        sys.exit(code)
