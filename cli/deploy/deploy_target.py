"""The target of a deploy: an AWS account, or the local platform's embedded AWS."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from cli.deploy.state_bucket import make_state_bucket
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, load_environment, names
from lakehouse.environments.reader import OVERLAY
from lakehouse.project import project_root


def resolve(env_name: str) -> Environment:
    """The environment, ready to be deployed to.

    Starts an empty local platform when the environment needs one and none is up. Raises RunError (RUN507)
    when `lakehouse local up` has filled the local platform: the stack would find its names taken.
    """
    env = load_environment(env_name)
    if env.overlay is None:
        return env
    from local_aws.local_platform import LocalPlatform, status

    workdir = workdir_of(env)
    platform = status(workdir)
    if not platform.up:
        LocalPlatform.start(env, workdir, empty_account=True, detached=True)
        env = load_environment(env_name)
    elif not platform.empty_account and _was_filled(env):
        raise RunError(
            "the local platform that is up was filled by `lakehouse local up`, and the stack makes the same "
            "things; end it with `lakehouse local down` (what it holds is lost), "
            "then deploy into an empty one",
            code="RUN507",
        )
    make_state_bucket(env)
    return env


def _was_filled(env: Environment) -> bool:
    """Whether `lakehouse local up` has made the buckets of the environment; another one has other names."""
    from glue_jobs.aws import clients

    present = {bucket["Name"] for bucket in clients(env).s3.list_buckets()["Buckets"]}
    return names.bucket(env, names.Zone.BRONZE) in present and names.state_bucket(env) not in present


def publish_local_secrets(env: Environment) -> None:
    """Write the secrets of the local platform's source systems into the containers that the stack has made.

    Does nothing for an environment in an AWS account.
    """
    if env.overlay is None:
        return
    from botocore.exceptions import ClientError

    from local_aws.bootstrap import fill_secrets

    try:
        fill_secrets(env, workdir_of(env))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        typer.echo(
            "the stack has no container for a secret of the local platform; jobs that need it will say so",
            err=True,
        )


def child_environment(env: Environment) -> dict[str, str]:
    """The environment variables of a Terraform that deploys to `env`."""
    if env.aws.proxy_port is None:
        return dict(os.environ)
    from local_aws import proxy

    # A profile, a token or an endpoint of the user's own would win over the keys of the embedded AWS.
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **variables,
        **proxy.client_environment(env.aws.proxy_port),
        "AWS_ACCESS_KEY_ID": env.aws.access_key or "",
        "AWS_SECRET_ACCESS_KEY": env.aws.secret_key or "",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def workdir_of(env: Environment) -> Path:
    """The work folder of a local world: that of its overlay."""
    overlay = os.environ.get(OVERLAY) or project_root() / str(env.overlay)
    return Path(overlay).resolve().parent
