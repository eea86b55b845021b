"""Where `lakehouse run` executes: as the deployed Glue jobs, or in this process."""

from __future__ import annotations

from collections.abc import Sequence

from botocore.exceptions import ClientError

from cli.deploy.account import check_account
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job


def runs_here(env: Environment, jobs: Sequence[Job], here: bool) -> bool:
    """Whether the jobs run in this process: in a local world, when asked for or when none is deployed there.

    Raises RunError: RUN520 for `--here` against a real environment, whose rows would come to this machine;
    RUN521 for jobs that are not deployed; RUN501 or RUN502 without credentials of the environment's account.
    """
    is_local = env.overlay is not None
    if here and not is_local:
        raise RunError(
            f"--here would bring rows of environment '{env.name}' to this machine: it is for a local world "
            "alone; without it the deployed jobs run",
            code="RUN520",
        )
    if here:
        return True
    if not is_local:
        check_account(env)
    missing = [job.name for job in jobs if not _is_deployed(env, job.name)]
    if not missing:
        return False
    if is_local and len(missing) == len(jobs):
        return True
    add = ", or run all of them here with --here" if is_local else ""
    raise RunError(
        f"not deployed in '{env.name}': {', '.join(missing)}; deploy first: "
        f"`lakehouse deploy --env {env.name}`{add}",
        code="RUN521",
    )


def _is_deployed(env: Environment, job: str) -> bool:
    try:
        clients(env).glue.get_job(JobName=names.glue_job(env, job))
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityNotFoundException":
            raise
        return False
    return True
