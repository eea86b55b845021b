"""`lakehouse dr readers`: people read the copies of the second region."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.common import EnvName, print_rows, reachable_environment, unknown
from cli.operations.ask import DryRun, Yes, agreed
from cli.recovery.dr import dr

READERS_HELP = """
Let roles read the copies in the second region, as far as they read the tables of the first.

The copies become locations of Lake Formation there, its role may read them, and each role gets the columns
that grants.yml lets it see. A table of which a role sees some rows alone stays closed to it.

Shows the tables, and asks. Given again, it adds what is missing. --undo takes all of it away.

Example: lakehouse dr readers --env prod --role analyst
"""


@dr.command("readers", help=READERS_HELP)
def readers(
    env: EnvName,
    role: Annotated[list[str], typer.Option("--role", help="A role of grants.yml; may be given again.")],
    undo: Annotated[bool, typer.Option("--undo", help="Close the copies again.")] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """READERS_HELP is what a person reads."""
    from cli.operations.audit import actor
    from cli.recovery.readers import close_readers, open_readers, openings
    from cli.recovery.region import Region
    from cli.recovery.restore import require_state
    from glue_jobs.state.operations import audited
    from lakehouse.access.reader import load_policy

    roles = list(load_policy().roles)
    if absent := next((name for name in role if name not in roles), None):
        raise unknown("role", absent, roles)
    region = Region.second(reachable_environment(env))
    second = region.env
    plan = openings(role)
    rows = [[opening.role, opening.table, opening.state] for opening in plan]
    print_rows(f"copies of {second.name} in {second.region}", ["role", "table", "opens"], rows, as_json=False)
    verb = "Close" if undo else "Open"
    if not agreed(f"{verb} the copies in {second.region}?", yes=yes, dry_run=dry_run):
        return
    require_state(region)
    with audited(second, "dr_readers", {"roles": role, "undo": undo}, by=actor(second)):
        (close_readers if undo else open_readers)(second, plan)
    typer.echo("closed" if undo else "open; ask one question whose answer you know")
