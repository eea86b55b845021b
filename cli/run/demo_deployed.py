"""`lakehouse demo --deployed`: the stack in the local world, its DAG, and an alert for a missing right."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import typer

from cli.common import environment, live_environment
from cli.run.demo_rights import job_to_fail, require_local, right_taken_away
from glue_jobs.errors import RunError
from lakehouse.environments import Environment
from lakehouse.pipelines import Job

if TYPE_CHECKING:
    from local_aws.inbox import Mail

_MAIL_SECONDS = 120


def deploy_world() -> None:
    """Deploy the unmodified stack into an empty local world, by Terraform, and have its Airflow start.

    Raises RunError (RUN507) for a world that `lakehouse local up` has filled, (RUN691) without the Airflow
    that the environment names, ToolError (RUN503) without Terraform.
    """
    from cli.deploy.deploy import deploy
    from infra.terraform.program import terraform

    # Before anything is built and synthesized.
    terraform()
    require_local(environment("local"))
    _require_airflow(environment("local"))
    deploy("local", auto_approve=True, shallow=True)
    # It comes up while the sources are loaded.
    threading.Thread(target=_wake_airflow, daemon=True).start()


def _require_airflow(env: Environment) -> None:
    from lakehouse.project import Project

    version = env.stack.airflow.version
    if not (Project.find().cache / f"airflow-{version}" / "ready").exists():
        raise RunError(f"Airflow {version} is not installed here: `make airflow` does it", code="RUN691")


def _wake_airflow() -> None:
    """The first question starts Airflow; whoever needs it asks again, and hears what is wrong."""
    from cli.run.airflow_api import AirflowApi

    try:
        AirflowApi(live_environment("local")).paused()
    except RunError:
        return


def show_alert(jobs: Sequence[Job], run_date: date) -> None:
    """Let a job fail for a right that its role lacks, and print the message that its owner gets.

    A failure that is retried is no news, so that it fails as often as its row allows.
    """
    from cli.run.execution import execute

    env, job = live_environment("local"), job_to_fail(jobs)
    before, owner = len(_mails(env)), _address(env, job)
    with right_taken_away(env, job) as table:
        typer.echo(f"taken away: the role of {job.name} may not read {table}; it fails, again and again …")
        for _ in range(job.retry.retries + 1):
            (outcome,) = execute("local", [job], run_date, quiet=True)
            if outcome.succeeded:
                raise RunError(f"{job.name} runs without a right that it needs", code="RUN643")
        typer.echo(f"{job.name}: {outcome.error}")
        if "AccessDenied" not in outcome.error and "not authorized" not in outcome.error:
            raise RunError(f"{job.name} fails for another reason than a missing right", code="RUN643")
    typer.echo("given back. What `lakehouse local inbox` shows:")
    mail = _next_mail(env, before, owner)
    typer.echo(f"to {mail.to}\n{mail.subject}\n{mail.text}\n")


def _address(env: Environment, job: Job) -> str:
    """The mail address or the channel of the job's owner."""
    from infra.parts.alerting.job_catalog import address

    email, channel = address(env, job.failure_notification)
    return email or channel


def _next_mail(env: Environment, before: int, to: str) -> Mail:
    """The first message to somebody after so many. Raises RunError (RUN643) when none comes.

    Each failed attempt also tells the platform's own topic, where no monitoring does it.
    """
    deadline = time.monotonic() + _MAIL_SECONDS
    while not (new := [mail for mail in _mails(env)[before:] if mail.to == to]):
        if time.monotonic() > deadline:
            raise RunError("no alert has come for a job that failed past its retries", code="RUN643")
        time.sleep(0.5)
    return new[0]


def _mails(env: Environment) -> list[Mail]:
    from cli.deploy.deploy_target import workdir_of
    from local_aws.inbox import inbox_file, mails

    return list(mails(inbox_file(workdir_of(env) / "data")))
