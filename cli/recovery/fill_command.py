"""`lakehouse dr fill`: buckets and watermarks of a new stack, from what is left of the lost region."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.common import EnvName, live_environment, print_rows
from cli.operations.ask import DryRun, Yes, agreed
from cli.recovery.dr import dr

FILL_HELP = """
Fill the buckets of a new stack from the copies of the environment whose region is lost.

Objects are copied inside of S3, in the region of --env, where the copies lie: those that are missing there,
of another size, or older. Files of tables are copied before their logs. Cut the copies first: `dr restore
--from-copies`. Watermarks that --env lacks are those that `dr restore-state` brought back. Killed, it is
started again and goes on.

Shows how much each zone lacks, and asks.

Example: lakehouse dr fill --env staging --from prod
"""


@dr.command("fill", help=FILL_HELP)
def fill(
    env: EnvName,
    lost: Annotated[str, typer.Option("--from", help="The environment whose first region is lost.")],
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """FILL_HELP is what a person reads."""
    from cli.operations.audit import actor
    from cli.recovery.fill import fill as copy
    from cli.recovery.fill import fill_watermarks, fillings
    from glue_jobs.state.operations import audited
    from lakehouse.environments import load_environment

    world, before = live_environment(env), load_environment(lost)
    plan = fillings(world, before)
    rows = [[f.source, f.target, len(f.objects), f.size] for f in plan]
    columns = ["from", "to", "objects", "bytes"]
    print_rows(f"what {world.name} lacks", columns, rows, as_json=False, right=columns[2:])
    if not agreed(f"Copy them into the buckets of {world.name}?", yes=yes, dry_run=dry_run):
        return
    action = {f.target: len(f.objects) for f in plan}
    with audited(world, "dr_fill", {"from": lost, "objects": action}, by=actor(world)):
        for filling in plan:
            copy(world, filling)
            typer.echo(f"{filling.target}: {len(filling.objects)} objects copied")
        typer.echo(f"watermarks: {len(fill_watermarks(world, before))} added")
