"""What the commands share: the environment option, and output for people or machines."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import typer

from cli.project_option import project_environments
from lakehouse.environments import Environment, load_environment
from lakehouse.pipelines import load_pipelines
from lakehouse.reading.faults import nearest


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
Here = Annotated[
    bool,
    typer.Option("--here", help="Run in this process and not as deployed. Only in a world on this machine."),
]
DAY = "YYYY-MM-DD"


def environment(name: str) -> Environment:
    return load_environment(name)


def live_environment(name: str) -> Environment:
    """An environment that can be read and written now.

    Raises RunError when it needs the local platform and that is not up.
    """
    from glue_jobs.aws import require_up

    return require_up(load_environment(name))


def reachable_environment(name: str) -> Environment:
    """A live environment whose account the credentials open: for what starts Spark or reads tables itself.

    Raises RunError (RUN501, RUN502) before anything starts.
    """
    from cli.deploy.account import check_account

    live = live_environment(name)
    if live.overlay is None:
        check_account(live)
    return live


def day_option(*names: str, help: str) -> Any:
    """An option whose value is a day."""
    return typer.Option(*names, parser=_day, metavar=DAY, help=help)


def _day(text: str) -> datetime:
    """The beginning of a day. Raises BadParameter for text that names none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no day; wanted {DAY}, such as 2017-01-31") from None


def unknown(kind: str, name: str, among: Sequence[str]) -> typer.BadParameter:
    """The error for an unknown name of some kind, with the nearest of `among`, or all of them."""
    near = nearest(name, among)
    hint = f"did you mean '{near}'?" if near else f"there are {', '.join(among) or 'none'}"
    return typer.BadParameter(f"unknown {kind} '{name}'; {hint}")


def print_rows(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    as_json: bool,
    right: Sequence[str] = (),
    null: str = "–",
) -> None:
    """Print rows as a table for people, or as a list of JSON objects for machines; see `cli.table`."""
    if as_json:
        documents = [dict(zip(columns, row, strict=True)) for row in rows]
        typer.echo(json.dumps(documents, default=str, ensure_ascii=False))
        return
    # rich takes a tenth of a second to import.
    from cli.table import print_table

    print_table(title, columns, rows, right, null)


def print_csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows as CSV with a header; no value is an empty cell, and objects are JSON."""
    lines = csv.writer(sys.stdout)
    lines.writerow(columns)
    for row in rows:
        lines.writerow([json.dumps(v) if isinstance(v, dict | list) else v for v in row])


def as_date(day: datetime | None) -> date | None:
    return day.date() if day else None
