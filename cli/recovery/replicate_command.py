"""`lakehouse dr replicate`: S3 copies again what it did not copy into the second region."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from cli.common import EnvName, live_environment
from cli.operations.ask import DryRun, Yes, agreed
from cli.recovery.dr import dr

REPLICATE_HELP = """
Let S3 copy objects into the second region that are not there: a batch job for each zone.

S3 tries no object again whose copy failed, and copies none that was there before replication began. `failed`
takes the first, `new` the second, such as when replication was first set up on buckets that hold data.

Shows the zones, asks, and waits for the jobs, which go on in AWS where the command is stopped, or with
--no-wait. Given again, it starts jobs for what is missing then. An object that is not copied again is an
error (RUN694).

Example: lakehouse dr replicate --env prod --of failed
"""
# Word of the command → S3's own status of an object.
STATUS = {"failed": "FAILED", "new": "NONE"}


@dr.command("replicate", help=REPLICATE_HELP)
def replicate(
    env: EnvName,
    of: Annotated[Literal["failed", "new"], typer.Option("--of", help="Which objects are copied.")],
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the jobs.")] = True,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """REPLICATE_HELP is what a person reads."""
    from cli.operations.audit import actor
    from cli.recovery.batch_copy import BatchCopy
    from glue_jobs.errors import RunError
    from glue_jobs.state.operations import audited
    from lakehouse.environments import names
    from lakehouse.environments.names import REPLICATED

    world = live_environment(env)
    for zone in REPLICATED:
        typer.echo(f"  s3://{names.bucket(world, zone)} → s3://{names.replica_bucket(world, zone)}")
    if not agreed(f"Copy what is {of} of {world.name} again?", yes=yes, dry_run=dry_run):
        return
    with audited(world, "dr_replicate", {"of": of}, by=actor(world)):
        jobs = [BatchCopy.start(world, zone, STATUS[of]) for zone in REPLICATED]
        for job in jobs:
            typer.echo(f"{names.bucket(world, job.zone)}: job {job.id}")
        outcomes = [job.ended() for job in jobs if wait]
        for outcome in outcomes:
            typer.echo(outcome.text)
        if faults := [outcome.text for outcome in outcomes if outcome.is_fault]:
            raise RunError("; ".join(faults), code="RUN694")
