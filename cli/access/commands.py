"""`lakehouse access …`: who may see what, for an auditor."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cli.common import Json, environment, unknown
from cli.project.generated import Check, write_or_check
from cli.project_option import project_environments

access = typer.Typer(help="Who may see what: roles, tags, columns and rows.", no_args_is_help=True)
PAGE = "docs/access.md"


def _roles() -> list[str]:
    from lakehouse.access import load_policy

    return list(load_policy().roles)


@access.command("show")
def show(
    role: Annotated[str, typer.Option(help="A role of lakeformation/grants.yml.", autocompletion=_roles)],
    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            help="Show this environment's physical names too.",
            autocompletion=lambda: list(project_environments()),
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what one role may read.

    For each table and column: masked or not, in which rows, and by which grant; and the tables it may not
    read.
    """
    from cli.access.page import role_data, role_page
    from lakehouse.access import load_policy
    from lakehouse.contracts import load_schemas

    policy, schemas = load_policy(), load_schemas()
    if role not in policy.roles:
        raise unknown("role", role, list(policy.roles))
    physical = environment(env) if env is not None else None
    if as_json:
        typer.echo(json.dumps(role_data(policy, schemas, role, physical), ensure_ascii=False))
    else:
        typer.echo(role_page(policy, schemas, role, env=physical), nl=False)


@access.command("page")
def page(check: Check = False) -> None:
    """Write docs/access.md: every role, every tag, and where personal data is."""
    from cli.access.page import page as access_page
    from lakehouse.access import load_policy
    from lakehouse.contracts import load_schemas
    from lakehouse.project import project_root

    text = access_page(load_policy(), load_schemas())
    write_or_check(project_root(), {PAGE: text}, "lakehouse access page", check=check)
