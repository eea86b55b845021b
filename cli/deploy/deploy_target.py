"""Where an environment is deployed to: an AWS account, or the embedded AWS of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from glue_jobs.errors import RunError
from lakehouse.environments import Environment, load_environment
from lakehouse.environments.reader import OVERLAY
from lakehouse.project import project_root

CACHE = project_root() / ".cache"


def place(env_name: str) -> Environment:
    """The environment, ready to be deployed to. One of this machine is started, empty, when it is not up.

    Raises RunError (RUN507) when the world of this machine was filled by hand: the stack would find its names taken.
    """
    env = load_environment(env_name)
    if env.overlay is None:
        return env
    from local_aws.local_platform import LocalPlatform, status

    workdir = _workdir(env)
    found = status(workdir)
    if not found.up:
        LocalPlatform.start(env, workdir, empty_account=True, detached=True)
        env = load_environment(env_name)
    elif not found.empty_account:
        raise RunError(
            "the local platform that is up was filled by `lakehouse local up`, and the stack makes the same things; "
            "end it with `lakehouse local down` (what it holds is lost), then deploy into an empty one",
            code="RUN507",
        )
    from cli.deploy.bootstrap import make_state_bucket

    make_state_bucket(env)
    return env


def settle(env: Environment) -> None:
    """After a deploy to this machine: the secrets of its source systems go into the containers that the stack made."""
    if env.overlay is None:
        return
    from botocore.exceptions import ClientError

    from local_aws.bootstrap import fill_secrets

    try:
        fill_secrets(env, _workdir(env))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        typer.echo(
            "the stack has no container for a secret of the local platform; jobs that need it will say so",
            err=True,
        )


def child_environment(env: Environment) -> dict[str, str]:
    """The variables of a program that deploys: Terraform, or what starts it."""
    kept = dict(os.environ)
    if env.aws.endpoint is not None:
        from local_aws import proxy

        # A profile, a token or an endpoint of the user's own would win over the keys of the embedded AWS.
        kept = {name: value for name, value in kept.items() if not name.startswith("AWS_")}
        assert env.aws.proxy_port is not None
        keys = {
            "AWS_ACCESS_KEY_ID": env.aws.access_key or "",
            "AWS_SECRET_ACCESS_KEY": env.aws.secret_key or "",
        }
        kept |= proxy.client_environment(env.aws.proxy_port) | keys | {"AWS_EC2_METADATA_DISABLED": "true"}
    return kept


def _workdir(env: Environment) -> Path:
    stated = os.environ.get(OVERLAY) or project_root() / str(env.overlay)
    return Path(stated).resolve().parent
