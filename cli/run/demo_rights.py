"""A right that the facts take away: a changed job row, and a deploy of the one policy that it gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cli.deploy.preparation import synthesized
from cli.deploy.terraform_runner import run_terraform
from glue_jobs.errors import RunError
from infra.app import synth
from infra.facts import Facts, read_facts
from lakehouse.environments import Environment
from lakehouse.pipelines import Job
from lakehouse.project import Project

_FOLDER = "demo-rights"


def require_local(env: Environment) -> None:
    """Raises RunError (RUN643) for an environment on AWS, where no right is taken away for a demo."""
    if env.overlay is None:
        raise RunError(f"the demo is for a local world; '{env.name}' is on AWS", code="RUN643")


def job_to_fail(jobs: Sequence[Job]) -> Job:
    """The job that is soonest out of retries among those that read two tables, so that one can be taken away.

    Raises RunError (RUN643) when none does.
    """
    readers = [job for job in jobs if len(job.reads) > 1]
    if not readers:
        raise RunError("no job of the demo's pipeline reads two tables", code="RUN643")
    return min(readers, key=lambda job: job.retry.retries)


def without_last_table(facts: Facts, job: Job) -> Facts:
    """The facts, with a row of the job that no longer names the last table that it reads."""
    pipelines = tuple(
        replace(
            pipeline,
            jobs=tuple(
                replace(other, reads=other.reads[:-1]) if other.name == job.name else other
                for other in pipeline.jobs
            ),
        )
        for pipeline in facts.pipelines
    )
    return replace(facts, pipelines=pipelines)


@contextmanager
def right_taken_away(env: Environment, job: Job) -> Iterator[str]:
    """The job's role may not read the last table of its row, for the length of a block. Yields the table.

    Terraform deploys the one changed policy of the changed facts, and at the end that of the facts as they
    are. What was deployed with the job still reads the table.
    """
    require_local(env)
    folder = Project.find().local / _FOLDER
    changed = synth(without_last_table(read_facts(env.name), job), folder)
    _deploy_policy(changed, env, job)
    try:
        yield job.reads[-1]
    finally:
        _deploy_policy(synthesized(env.name), env, job)


def _deploy_policy(stack: Path, env: Environment, job: Job) -> None:
    target = f"-target=aws_iam_role_policy.policy_job_{job.name}"
    run_terraform(stack, env, ("apply", "-auto-approve", target))
