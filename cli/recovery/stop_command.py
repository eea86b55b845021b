"""`lakehouse dr stop`: nothing starts a job of an environment any more, and what runs is stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.common import EnvName, live_environment
from cli.operations.ask import DryRun, Yes, agreed
from cli.recovery.dr import dr

if TYPE_CHECKING:
    from lakehouse.environments import Environment

# What starts jobs: Airflow or the state machines, and the function that people call.
STARTERS = {"mwaa": ("mwaa", "start_run"), "none": ("state_machines", "start_run")}
POLICY = "stopped"
_DENY = {"Effect": "Deny", "Action": "glue:StartJobRun", "Resource": "*"}
_RUNNING = ("STARTING", "RUNNING", "WAITING")

STOP_HELP = """
Let nothing start a job of an environment, and stop what runs, so that its region no longer writes.

The role of Airflow, or of the state machines, and that of the function that people start runs by are denied
glue:StartJobRun by a policy of their own; IAM is global, so that this works while the region is gone. Then
every running job of the region is stopped. Where the region does not answer, start the same command again
as soon as it does.

Shows what it will do, and asks. Started again, it stops what has come since. --undo takes the policy away:
what was stopped is not started again.

Example: lakehouse dr stop --env prod
"""


@dr.command("stop", help=STOP_HELP)
def stop(
    env: EnvName,
    undo: Annotated[bool, typer.Option("--undo", help="Let jobs start again.")] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Asks and stops; STOP_HELP is what a person reads."""
    from cli.operations.audit import actor
    from lakehouse.environments import names

    world = live_environment(env)
    roles = [names.service_role(world, service) for service in STARTERS[world.stack.orchestrator]]
    does = "are allowed again to start jobs" if undo else "are denied to start jobs"
    typer.echo(f"  {' and '.join(roles)} {does}, by {actor(world)}")
    if not undo:
        typer.echo(f"  every running job of {world.name} in {world.region} is stopped")
    question = f"{'Let jobs of' if undo else 'Stop'} {world.name}{' start again' if undo else ''}?"
    if not agreed(question, yes=yes, dry_run=dry_run):
        return
    for role in roles:
        typer.echo(f"{role}: {_allow(world, role) if undo else _deny(world, role)}")
    if not undo:
        _stop_runs(world)


def _deny(env: Environment, role: str) -> str:
    iam = _client(env, "iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [_DENY]})
    try:
        iam.put_role_policy(RoleName=role, PolicyName=POLICY, PolicyDocument=document)
    except iam.exceptions.NoSuchEntityException:
        return "there is no such role"
    return "may start no job"


def _allow(env: Environment, role: str) -> str:
    iam = _client(env, "iam")
    try:
        iam.delete_role_policy(RoleName=role, PolicyName=POLICY)
    except iam.exceptions.NoSuchEntityException:
        return "was not stopped"
    return "may start jobs"


def _stop_runs(env: Environment) -> None:
    """Stops the running jobs. Raises Exit (1) where the region does not answer."""
    from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

    stopped = 0
    try:
        glue = _client(env, "glue")
        for job in _jobs(glue, env):
            runs = [
                r["Id"] for r in glue.get_job_runs(JobName=job)["JobRuns"] if r["JobRunState"] in _RUNNING
            ]
            if runs:
                glue.batch_stop_job_run(JobName=job, JobRunIds=runs)
                typer.echo(f"stopping {job}: {', '.join(runs)}")
            stopped += len(runs)
    except (ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError) as error:
        typer.echo(f"{env.region} does not answer; start this again when it does: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"stopped: {stopped} runs")


def _jobs(glue: Any, env: Environment) -> Iterator[str]:
    from lakehouse.environments import names

    prefix = names.glue_job(env, "")
    for page in glue.get_paginator("get_jobs").paginate():
        yield from (job["Name"] for job in page["Jobs"] if job["Name"].startswith(prefix))


def _client(env: Environment, service: str) -> Any:
    from glue_jobs.aws import clients

    return clients(env).client(service)
