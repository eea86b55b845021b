"""`lakehouse dq …`: judge a table now, or take its suite to another tool."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

import typer

from cli.common import EnvName, Json, day_option, live_environment, print_rows, reachable_environment, unknown
from lakehouse.contracts import Schemas

dq = typer.Typer(help="Quality suites.", no_args_is_help=True)


def suite_names() -> list[str]:
    from lakehouse.contracts import load_schemas

    return list(load_schemas().suites)


@dq.command("export")
def export(
    table: Annotated[
        str, typer.Argument(help="<layer>.<table>, such as silver.orders.", autocompletion=suite_names)
    ],
) -> None:
    """Print a table's suite as a Great Expectations expectation suite."""
    from glue_jobs.quality.export import to_gx

    schemas = _with_suite(table)
    typer.echo(json.dumps(to_gx(schemas.suites[table], schemas.contracts[table]), indent=2))


@dq.command("check")
def check(
    table: Annotated[
        str,
        typer.Argument(help="<layer>.<table>, such as bronze.snowflake_orders.", autocompletion=suite_names),
    ],
    env: EnvName,
    run_date: Annotated[datetime, day_option(help="The day that freshness is measured from.")],
    as_json: Json = False,
) -> None:
    """Judge a table as it is now, without a gate and without storing anything.

    Exit code 1 when a critical rule fails.
    """
    environment, schemas = reachable_environment(env), _with_suite(table)
    from glue_jobs.job_types.gate_judge import judge_table
    from glue_jobs.quality.gate import verdict
    from glue_jobs.session import spark_session

    results = judge_table(spark_session(environment), environment, schemas, table, run_date.date())
    rows = [
        [
            "held" if r.success else "BROKEN",
            r.severity,
            r.expectation,
            json.dumps(dict(r.kwargs), default=str),
            r.unexpected_count,
            r.observed_value,
            "; ".join(r.sample_keys),
        ]
        for r in results
    ]
    print_rows(
        table,
        ["rule", "severity", "expectation", "arguments", "unexpected", "observed", "sample keys"],
        rows,
        as_json=as_json,
    )
    if verdict(results).critical:
        raise typer.Exit(1)


@dq.command("results")
def results(
    table: Annotated[
        str, typer.Argument(help="<layer>.<table>, such as silver.orders.", autocompletion=suite_names)
    ],
    env: EnvName,
    limit: Annotated[int, typer.Option(min=1, help="Runs to show, the newest first.")] = 1,
    as_json: Json = False,
) -> None:
    """Show what gates found in a table, and which part of it they judged: the whole, days, rows or keys."""
    from cli.tables.stored_results import HEADER, stored_results

    environment = live_environment(env)
    _with_suite(table)
    print_rows(table, HEADER, stored_results(environment, table, limit), as_json=as_json)


def _with_suite(table: str) -> Schemas:
    from lakehouse.contracts import load_schemas

    schemas = load_schemas()
    if table not in schemas.suites:
        raise unknown("table", table, list(schemas.suites))
    return schemas
