"""`lakehouse dq …`: quality suites for other tools."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cli.common import unknown

dq = typer.Typer(help="Quality suites.", no_args_is_help=True)


def suite_names() -> list[str]:
    from schemas import load_schemas

    return list(load_schemas().suites)


@dq.command("export")
def export(table: Annotated[str, typer.Argument(help="<layer>.<table>, such as silver.orders.", autocompletion=suite_names)]) -> None:
    """Print a table's suite as a Great Expectations expectation suite."""
    from glue_jobs.quality.export import to_gx
    from schemas import load_schemas

    found = load_schemas()
    suites = found.suites
    if table not in suites:
        raise unknown("table", table, list(suites))
    typer.echo(json.dumps(to_gx(suites[table], found.contracts[table]), indent=2))
