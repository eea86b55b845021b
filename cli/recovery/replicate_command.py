"""`lakehouse dr replicate`: S3 copies again what it did not copy into the second region."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.common import EnvName, live_environment
from cli.operations.ask import DryRun, Yes, agreed
from cli.recovery.dr import dr

if TYPE_CHECKING:
    from lakehouse.environments import Environment
    from lakehouse.environments.names import Zone

REPLICATE_HELP = """
Let S3 copy objects into the second region that are not there: a batch job for each zone.

S3 tries no object again whose copy failed, and copies none that was there before replication began. `failed`
takes the first, `new` the second, such as when replication was first set up on buckets that hold data. The
jobs run on AWS; S3's console, Batch Operations, shows how far they are.

Shows the zones, and asks. Given again, it starts jobs for what is missing then.

Example: lakehouse dr replicate --env prod --of failed
"""
# Word of the command → S3's own status of an object.
STATUS = {"failed": "FAILED", "new": "NONE"}


@dr.command("replicate", help=REPLICATE_HELP)
def replicate(
    env: EnvName,
    of: Annotated[Literal["failed", "new"], typer.Option("--of", help="Which objects are copied.")],
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """REPLICATE_HELP is what a person reads."""
    from cli.operations.audit import actor
    from glue_jobs.state.operations import audited
    from lakehouse.environments import names
    from lakehouse.environments.names import REPLICATED

    world = live_environment(env)
    for zone in REPLICATED:
        typer.echo(f"  s3://{names.bucket(world, zone)} → s3://{names.replica_bucket(world, zone)}")
    if not agreed(f"Copy what is {of} of {world.name} again?", yes=yes, dry_run=dry_run):
        return
    with audited(world, "dr_replicate", {"of": of}, by=actor(world)):
        for zone in REPLICATED:
            typer.echo(f"{names.bucket(world, zone)}: job {start(world, zone, STATUS[of])}")


def start(env: Environment, zone: Zone, status: str) -> str:
    """The id of the batch job."""
    from glue_jobs.aws import clients
    from lakehouse.environments import names

    role = names.service_role(env, "batch_replication")
    generator: dict[str, Any] = {
        "SourceBucket": f"arn:aws:s3:::{names.bucket(env, zone)}",
        "ExpectedBucketOwner": env.account,
        "EnableManifestOutput": False,
        "Filter": {"EligibleForReplication": True, "ObjectReplicationStatuses": [status]},
    }
    answer = (
        clients(env)
        .client("s3control")
        .create_job(
            AccountId=env.account,
            ConfirmationRequired=False,
            Operation={"S3ReplicateObject": {}},
            Report={"Enabled": False},
            ClientRequestToken=str(uuid.uuid4()),
            ManifestGenerator={"S3JobManifestGenerator": generator},
            Priority=1,
            RoleArn=f"arn:aws:iam::{env.account}:role/{role}",
            Description=f"{env.name}: {status.lower()} objects of {zone}",
        )
    )
    return str(answer["JobId"])
