"""`lakehouse dq …`: quality suites for other tools."""

from __future__ import annotations

import json
from typing import Annotated

import typer

dq = typer.Typer(help="Quality suites.", no_args_is_help=True)


@dq.command("export")
def export(table: Annotated[str, typer.Argument(help="<layer>.<table>, such as silver.orders.")]) -> None:
    """Print a table's suite as a Great Expectations expectation suite."""
    from facts.faults import nearest
    from glue_jobs.quality.export import to_gx
    from schemas import load_schemas

    found = load_schemas()
    suites = found.suites
    if table not in suites:
        near = nearest(table, suites)
        raise typer.BadParameter(f"no suite for '{table}'; " + (f"did you mean '{near}'?" if near else f"there are {', '.join(suites)}"))
    typer.echo(json.dumps(to_gx(suites[table], found.contracts[table]), indent=2))
