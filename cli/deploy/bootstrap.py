"""`lakehouse bootstrap`: makes the bucket of Terraform's state, which has to exist before the stack."""

from __future__ import annotations

import typer

from cli.common import EnvName
from cli.deploy.account import check_account
from cli.deploy.deploy_target import resolve
from cli.deploy.state_bucket import make_state_bucket
from lakehouse.environments import names


def bootstrap(env: EnvName) -> None:
    """Make the bucket of an environment's Terraform state, or update the settings of an existing one.

    It is versioned, encrypted, private and TLS only. Run it once per environment, before the first deploy;
    running it again changes nothing.
    """
    target = resolve(env)
    check_account(target)
    state = "made" if make_state_bucket(target) else "was there"
    typer.echo(f"{names.state_bucket(target)} {state}: versioned, encrypted, private, TLS only")
