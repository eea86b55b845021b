"""`lakehouse backfill --as-of-date`: shows which states are written where, asks, and writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import typer

from cli.common import print_rows, unknown
from cli.operations.ask import agreed
from cli.tables.versions import At, open_table, version_at
from glue_jobs.errors import RunError
from lakehouse.contracts import Schemas, load_schemas
from lakehouse.environments import Environment


def write_states(
    env: Environment, tables: Sequence[str], day: date, keep_days: int, *, yes: bool, dry_run: bool
) -> None:
    """Writes the states of tables at the end of a day, in a local world.

    Raises BadParameter for a table that there is not, RunError: RUN604 for a state that is gone, RUN606 in a
    real environment.
    """
    from glue_jobs.backfill_as_of import AsOfRequest, target_of, write_as_of

    schemas = load_schemas()
    for table in tables:
        if table not in schemas.on_lake:
            raise unknown("table", table, sorted(schemas.on_lake))
    if not tables:
        raise typer.BadParameter("--as-of-date wants at least one --table")
    if env.overlay is None:
        raise RunError(
            f"rows of environment '{env.name}' would come to this machine; on a cluster of its account run "
            f"`backfill_range --env {env.name} --as-of-date {day} --table {tables[0]}`",
            code="RUN606",
        )
    rows = [[table, _state(env, schemas, table, day), target_of(schemas, table)] for table in tables]
    print_rows(f"as known at the end of {day}", ["table", "state", "into"], rows, as_json=False)
    if not agreed(f"Write them in {env.name}?", yes=yes, dry_run=dry_run):
        return
    from cli.operations.audit import actor
    from glue_jobs.session import spark_session

    request = AsOfRequest(tables, day, keep_days, actor(env))
    for table, number in write_as_of(env, schemas, spark_session(env), request).items():
        typer.echo(f"{table}: {number} rows as of {day} in {target_of(schemas, table)}")


def _state(env: Environment, schemas: Schemas, table: str, day: date) -> str:
    contract = schemas.contracts[table]
    if contract.layer == "bronze" and contract.lake.write == "append":
        return f"rows ingested until {day} of version {open_table(env, table).version()}"
    return f"version {version_at(env, table, At.end_of(day))}"
