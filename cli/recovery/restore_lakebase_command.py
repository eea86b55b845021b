"""`lakehouse dr restore-lakebase`: the Lakebase from its newest backup."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.common import EnvName, live_environment
from cli.operations.ask import DryRun, Yes, agreed
from cli.recovery.dr import dr
from cli.recovery.options import BackupTime

RESTORE_LAKEBASE_HELP = """
Restore the Lakebase from its newest backup in the region that the environment names now.

The stack of that region is deployed before, as the Lakebase needs its subnets and its security group. The
cluster is restored, an instance is added, and RDS makes a new password and keeps it. A cluster that exists
stays as it is, so that the command can be started again; what it lacks is added. With --from the backup is
that of another environment, and its cluster, <name>-restored, stands beside the one of the new stack.

Shows the backup, asks, and waits for the restore.

Example: lakehouse dr restore-lakebase --env prod --at 2017-01-31T03:00:00+00:00
"""


@dr.command("restore-lakebase", help=RESTORE_LAKEBASE_HELP)
def restore_lakebase(
    env: EnvName,
    at: BackupTime = None,
    lost: Annotated[
        str | None,
        typer.Option("--from", help="The environment whose Lakebase is lost, where --env takes its place."),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """RESTORE_LAKEBASE_HELP is what a person reads."""
    from cli.operations.audit import actor
    from cli.recovery.restore_lakebase import LakebaseRestore
    from cli.tables.versions import moment_of
    from glue_jobs.state.operations import audited
    from lakehouse.environments import load_environment

    world = live_environment(env)
    plan = LakebaseRestore.of(world, moment_of(at) if at else None, load_environment(lost) if lost else None)
    name = plan.name
    typer.echo(f"  {name} in {world.region}, from its backup of {plan.created.isoformat()}")
    if plan.exists:
        typer.echo("  it exists, and stays as it is; an instance and a password are added where they lack")
    if not agreed(f"Restore {name}?", yes=yes, dry_run=dry_run):
        return
    with audited(world, "dr_restore_lakebase", {"backup": plan.snapshot}, by=actor(world)):
        plan.execute()
    typer.echo("restored; forget again whom `lakehouse forget` has forgotten since that backup")
