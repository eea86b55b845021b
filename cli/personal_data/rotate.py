"""`lakehouse pii rotate`: a new masking key, and silver and gold masked anew by it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import typer

from cli.common import reachable_environment
from cli.operations.ask import agreed
from cli.personal_data.masking_key import MaskingKey
from cli.personal_data.rotation_plan import RotationPlan, rotation_plan
from lakehouse.contracts import Schemas, load_schemas
from lakehouse.environments import Environment, names
from lakehouse.environments.stack import MASKING_SECRET
from lakehouse.pipelines import jobs_in

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from glue_jobs.state.lease import LeaseHandle

JOB = "pii_rotate"


def rotate_key(env: str, *, yes: bool, dry_run: bool) -> None:
    """Shows what a rotation does, asks, and does it."""
    world = reachable_environment(env)
    schemas = load_schemas()
    plan, key = rotation_plan(schemas, jobs_in(world)), MaskingKey.read(world)
    _show(world, plan, key)
    if not agreed(f"Rotate the masking key of {world.name}?", yes=yes, dry_run=dry_run):
        return
    finished = run_rotation(world, schemas, plan, key)
    typer.echo(f"masking key of {world.name}: version {finished.version}")


def run_rotation(env: Environment, schemas: Schemas, plan: RotationPlan, key: MaskingKey) -> MaskingKey:
    """Does what the plan says under an audit row of its own; the key that holds from then on.

    Raises RunError: RUN020 where a run holds one of the leases, RUN527 where a reader lags behind.
    """
    from cli.operations.audit import actor
    from glue_jobs.session import spark_session
    from glue_jobs.state.operations import audited

    action = {"from": key.version, "to": key.next_version, "tables": sorted({c.table for c in plan.columns})}
    with audited(env, JOB, action, by=actor(env)) as run_id:
        return _rotate_under_leases(env, spark_session(env), schemas, plan, key, run_id)


def _rotate_under_leases(
    env: Environment,
    spark: SparkSession,
    schemas: Schemas,
    plan: RotationPlan,
    key: MaskingKey,
    run_id: str,
) -> MaskingKey:
    from glue_jobs.state.lease import lease

    with ExitStack() as stack:
        handles = [stack.enter_context(lease(env, name, run_id)) for name in plan.leases]
        if not key.next_key:
            check_readers(env, spark, plan)
        begun = key.begin(env)
        _remask(env, spark, schemas, plan, begun, handles)
        for handle in handles:
            handle.check()
        return begun.finish(env)


def check_readers(env: Environment, spark: SparkSession, plan: RotationPlan) -> None:
    """Raises RunError (RUN527) for a table that has not followed a table with hashes to its end."""
    from glue_jobs.errors import RunError
    from glue_jobs.state.watermark import Watermarks
    from glue_jobs.tables import table_position

    for watermark, source in plan.readers:
        state = Watermarks(env).read(watermark)
        newest = table_position.current(spark, names.table_uri(env, source)).as_json()
        if state.position is None and state.pending is None:
            continue  # it reads the table whole, as it is then
        position = (state.position or {}).get(source)
        if state.pending is not None or table_position.is_news(position, newest):
            raise RunError(
                f"{watermark} has not read {source} to its end, and would take its old hashes for changes; "
                f"run the job {watermark.partition('.')[0]} first",
                code="RUN527",
            )


def _remask(
    env: Environment,
    spark: SparkSession,
    schemas: Schemas,
    plan: RotationPlan,
    key: MaskingKey,
    handles: list[LeaseHandle],
) -> None:
    from glue_jobs.tables import delta_log, remask

    def guard() -> None:
        for handle in handles:
            handle.check()

    for column in plan.columns:
        uri = names.table_uri(env, column.table)
        if delta_log.version(spark, uri) < 0:
            continue
        origins = [_values(env, spark, origin) for origin in column.origins]
        pairs = remask.hash_pairs([o for o in origins if o is not None], key.key, key.next_key)
        remask.remask(spark, uri, column.column, pairs, guard)
        remask.note_key_version(spark, uri, str(key.next_version))
        typer.echo(f"{column.table}.{column.column}: masked anew")


def _values(env: Environment, spark: SparkSession, origin: str) -> DataFrame | None:
    from glue_jobs.tables import delta_log, read

    table, _, column = origin.rpartition(".")
    uri = names.table_uri(env, table)
    return read.newest(spark, uri, table).select(column) if delta_log.version(spark, uri) >= 0 else None


def _show(env: Environment, plan: RotationPlan, key: MaskingKey) -> None:
    state = "goes on" if key.next_key else "begins"
    typer.echo(f"the rotation from version {key.version} to {key.next_version} of the masking key {state}")
    for column in plan.columns:
        typer.echo(f"  {column.table}.{column.column}: masked anew from {', '.join(column.origins)}")
    for column in plan.left:
        typer.echo(f"  {column.table}.{column.column}: keeps its old hashes; new rows get new ones")
    typer.echo(f"  no run may hold meanwhile: {', '.join(plan.leases)}")
    written = sorted({column.table.split(".")[0] for column in plan.columns})
    secret = names.secret(env, MASKING_SECRET)
    typer.echo(
        "  it needs s3:GetObject on bronze; s3:GetObject, PutObject and DeleteObject on "
        f"{', '.join(written)}; the control tables; secretsmanager:PutSecretValue on {secret} "
        "(docs/runbooks/masking-key.md)"
    )
