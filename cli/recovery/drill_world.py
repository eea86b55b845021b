"""The environment of a drill in a local world: buckets, state and secrets of its own, and no source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from cli.operations.audit import actor
from cli.recovery.drill import Drill, DrillResult, objects_of
from cli.recovery.region import Region
from cli.run.request import JobsRequest
from cli.run.waves import run_jobs
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.s3 import S3Uri, delete_prefix, list_keys
from glue_jobs.state.operations import audited
from glue_jobs.state.watermark import Watermarks
from lakehouse.contracts import Contract, load_schemas
from lakehouse.environments import Environment, names
from lakehouse.environments.control import table_definition
from lakehouse.environments.names import REPLICATED, Control, Zone
from lakehouse.pipelines import Job
from lakehouse.pipelines.source_binding import sourced

NAME, VERB = "drill", "dr_drill"


def run_drills(env: Environment, jobs: Sequence[Job], day: date, seeds: Sequence[int]) -> list[DrillResult]:
    """Runs the day, and a drill of it for each seed. Raises RunError (RUN660) when a job fails."""
    schemas = load_schemas()
    # What the jobs read of other pipelines was copied before the day.
    named = dict.fromkeys(t for job in jobs for t in (*job.reads, *job.writes))
    tables = [table for table in named if table in schemas.on_lake]
    contracts = {table: schemas.contracts[table] for table in tables}
    before, state = objects_of(env, tables), list(Watermarks(env).list())
    action = {"run_date": day.isoformat(), "seeds": list(seeds), "tables": tables}
    with audited(env, VERB, action, by=actor(env), run_date=day):
        run_day(env, jobs, day)

        def run(world: Environment) -> None:
            run_day(world, jobs, day)

        contracts = {t: c for t, c in contracts.items() if Region.first(env).objects(t)}
        results: list[DrillResult] = []
        for seed in seeds:
            with drill_environment(env, seed, landing_prefixes(contracts.values(), jobs)) as drilled:
                results.append(Drill(env, drilled, contracts, before, state, run).execute(seed))
        return results


def landing_prefixes(contracts: Iterable[Contract], jobs: Sequence[Job]) -> list[str]:
    """The folders of landing that the jobs read."""
    bound = [sourced(job, contract) for contract in contracts for job in jobs if contract.table in job.writes]
    sources = [contract.lake.source for contract in bound if contract.lake.source]
    return [source.object.rstrip("/") + "/" for source in sources if source.kind == "landing"]


def run_day(env: Environment, jobs: Sequence[Job], day: date) -> None:
    """Runs the jobs in this process. Raises RunError (RUN660)."""
    outcomes = run_jobs(env, list(jobs), load_schemas(), JobsRequest(day), quiet=True)
    failed = next((o for o in outcomes if not o.succeeded), None)
    if failed is not None:
        raise RunError(
            f"the day of the drill stopped in {env.name}: {failed.job} {failed.status}: {failed.error}",
            code="RUN660",
        )


@contextmanager
def drill_environment(env: Environment, number: int, landing: Sequence[str]) -> Iterator[Environment]:
    """An environment in the second region, until the block ends: buckets, state, secrets, and no source.

    `landing`: folders whose files the sources deliver again.
    """
    drilled = env.model_copy(update={"name": f"{NAME}{number}", "region": env.replica_region})
    region = Region.second(drilled)
    buckets = [names.bucket(drilled, zone) for zone in Zone]
    buckets += [names.replica_bucket(drilled, zone) for zone in REPLICATED]
    location = {"LocationConstraint": drilled.region}
    for bucket in buckets:
        region.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)  # type: ignore[arg-type]
    for control in Control:
        clients(drilled).dynamodb.create_table(**table_definition(drilled, control))
    try:
        _copy_landing(env, drilled, landing)
        _copy_secrets(env, drilled)
        yield drilled
    finally:
        for bucket in buckets:
            delete_prefix(region.s3, S3Uri(bucket))
            region.s3.delete_bucket(Bucket=bucket)
        for control in Control:
            clients(drilled).dynamodb.delete_table(TableName=names.control_table(drilled, control))


def _copy_landing(env: Environment, drilled: Environment, prefixes: Sequence[str]) -> None:
    s3, source, target = clients(drilled).s3, *(names.bucket(e, Zone.LANDING) for e in (env, drilled))
    for key in (k for prefix in prefixes for k in list_keys(clients(env).s3, S3Uri(source, prefix))):
        s3.copy_object(Bucket=target, Key=key, CopySource={"Bucket": source, "Key": key})


def _copy_secrets(env: Environment, drilled: Environment) -> None:
    """A drill reads the same sources with the same secrets, which keep their names below its own."""
    source, target = (clients(e).client("secretsmanager") for e in (env, drilled))
    prefix, drilled_prefix = (names.secret(e, "") for e in (env, drilled))
    for page in source.get_paginator("list_secrets").paginate():
        for name in (secret["Name"] for secret in page["SecretList"]):
            if name.startswith(prefix):
                text = source.get_secret_value(SecretId=name)["SecretString"]
                target.create_secret(Name=drilled_prefix + name.removeprefix(prefix), SecretString=text)
