"""`lakehouse dr restore-state`: watermarks, audit and leases in the second region, from their backups."""

from __future__ import annotations

import typer

from cli.common import EnvName, live_environment, print_rows
from cli.operations.ask import DryRun, Yes, agreed
from cli.recovery.dr import dr
from cli.recovery.options import BackupTime

RESTORE_STATE_HELP = """
Restore the control tables into the second region: watermarks, audit and leases, all of one hour.

The newest backup of the watermarks that lies there is used, or the newest that is not younger than --at, and
those of the other tables that are nearest to it. Watermarks must be older than the tables: backups are, live
copies would not be. A table that exists already stays as it is, so that the command can be started again.
Leases expire again afterwards.

Shows the backups, asks, and waits for the restores.

Example: lakehouse dr restore-state --env prod --at 2017-01-31T03:00:00+00:00
"""


@dr.command("restore-state", help=RESTORE_STATE_HELP)
def restore_state(
    env: EnvName,
    at: BackupTime = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """RESTORE_STATE_HELP is what a person reads."""
    from cli.recovery.region import Region
    from cli.recovery.restore_state import StateRestore
    from cli.tables.versions import moment_of
    from glue_jobs.state.operations import audited

    world = Region.second(live_environment(env)).env
    plan = StateRestore.of(world, moment_of(at) if at else None)
    print_rows(
        f"state of {world.name}, into {world.region}", ["table", "backup of", ""], plan.rows(), as_json=False
    )
    if not agreed(f"Restore the state of {world.name} in {world.region}?", yes=yes, dry_run=dry_run):
        return
    plan.execute()
    from cli.operations.audit import actor

    # The audit exists from here on.
    action = {table: backup.arn for table, backup in plan.backups.items()}
    with audited(world, "dr_restore_state", action, by=actor(world)):
        typer.echo(f"restored; next: `lakehouse dr check --env {world.name}`")
