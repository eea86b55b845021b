"""`lakehouse bootstrap`: makes what has to exist before the stack: the state's bucket and two roles."""

from __future__ import annotations

import typer

from cli.common import EnvName
from cli.deploy.account import check_account
from cli.deploy.delivery_roles import make_delivery_roles
from cli.deploy.deploy_target import resolve
from cli.deploy.state_bucket import make_state_bucket
from lakehouse.environments import names


def bootstrap(env: EnvName) -> None:
    """Make the bucket of an environment's Terraform state, and the roles that deploy and plan it.

    The bucket is versioned, encrypted, private and TLS only. The roles are taken on by workflows of
    `stack.repository`, each in its own environment of GitHub. Run it once per environment, as an
    administrator of its account, before the first deploy; running it again changes nothing.
    """
    target = resolve(env)
    check_account(target)
    state = "made" if make_state_bucket(target) else "was there"
    typer.echo(f"{names.state_bucket(target)} {state}: versioned, encrypted, private, TLS only")
    for line in make_delivery_roles(target):
        typer.echo(line)
