"""`lakehouse demo --deployed`: the stack in the local world, its jobs, and an alert for a missing right."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import typer

from cli.common import environment, live_environment
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from lakehouse.pipelines import Job

if TYPE_CHECKING:
    from local_aws.inbox import Mail

_POLICY = "demo_takes_a_right_away"
_MAIL_SECONDS = 120


def deploy_world() -> None:
    """Deploy the unmodified stack into an empty local world, by Terraform.

    Raises RunError (RUN507) for a world that `lakehouse local up` has filled, ToolError (RUN503) without
    Terraform.
    """
    from cli.deploy.deploy import deploy
    from infra.terraform.program import terraform

    # Before anything is built and synthesized.
    terraform()
    require_local(environment("local"))
    deploy("local", auto_approve=True, shallow=True)


def require_local(env: Environment) -> None:
    """Raises RunError (RUN643) for an environment on AWS, where no right is taken away for a demo."""
    if env.overlay is None:
        raise RunError(f"the demo is for a local world; '{env.name}' is on AWS", code="RUN643")


@contextmanager
def without_release(env: Environment, job: Job) -> Iterator[str]:
    """The role of a job may not read what was deployed, for the length of a block. Yields the role's name."""
    require_local(env)
    role, iam = names.job_role(env, job.name), clients(env).client("iam")
    files = f"arn:aws:s3:::{names.bucket(env, Zone.ARTIFACTS)}/*"
    denial = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": files}
    document = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    iam.put_role_policy(RoleName=role, PolicyName=_POLICY, PolicyDocument=document)
    try:
        yield role
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName=_POLICY)


def show_alert(job: Job, run_date: date) -> None:
    """Let a job fail for a right that its role lacks, and print the message that its owner gets.

    A failure that is retried is no news, so that it fails as often as its row allows.
    """
    from cli.run.execution import execute

    env = live_environment("local")
    before = len(_mails(env))
    with without_release(env, job) as role:
        typer.echo(f"taken away: {role} may not read what was deployed; {job.name} fails, again and again …")
        for _ in range(job.retry.retries + 1):
            (outcome,) = execute("local", [job], run_date, quiet=True)
            if outcome.succeeded:
                raise RunError(f"{job.name} runs without a right that it needs", code="RUN643")
        typer.echo(f"{job.name}: {outcome.error}")
    typer.echo("given back. What `lakehouse local inbox` shows:")
    mail = _next_mail(env, before)
    typer.echo(f"to {mail.to}\n{mail.subject}\n{mail.text}\n")


def _next_mail(env: Environment, before: int) -> Mail:
    """The first message after so many. Raises RunError (RUN643) when none comes."""
    deadline = time.monotonic() + _MAIL_SECONDS
    while len(mails := _mails(env)) <= before:
        if time.monotonic() > deadline:
            raise RunError("no alert has come for a job that failed past its retries", code="RUN643")
        time.sleep(0.5)
    return mails[before]


def _mails(env: Environment) -> list[Mail]:
    from cli.deploy.deploy_target import workdir_of
    from local_aws.inbox import inbox_file, mails

    return list(mails(inbox_file(workdir_of(env) / "data")))
