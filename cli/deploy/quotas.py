"""Whether Glue's quotas of an account suffice for an environment's jobs."""

from __future__ import annotations

from collections.abc import Iterable

from cli.run.outcome import within
from lakehouse.environments import Environment
from lakehouse.environments.prices import load_prices
from lakehouse.pipelines import Pipeline

# As Service Quotas names them.
RUNS, DPUS = "Max concurrent job runs per account", "Max task DPUs per account"


def needed(env: Environment, pipelines: Iterable[Pipeline]) -> dict[str, float]:
    """Quota → what the environment takes when all of its pipelines run at the same time.

    Of each pipeline the widest wave of jobs counts, and every stream. Streams count as the workers of a job.
    """
    runs = 0
    for pipeline in pipelines:
        jobs = [job for job in pipeline.jobs if job.runs_in(env)]
        batch = within([job for job in jobs if not job.continuous])
        waves = Pipeline(pipeline.name, tuple(batch)).levels()
        runs += len(jobs) - len(batch) + max(map(len, waves), default=0)
    workers = runs * env.glue.workers
    return {RUNS: runs, DPUS: workers * load_prices().glue_dpu_per_worker[env.glue.worker_type]}


def shortages(env: Environment, pipelines: Iterable[Pipeline]) -> str:
    """The quotas that are too small, with what is needed; nothing where all suffice.

    Raises botocore's ClientError where they may not be read.
    """
    from glue_jobs.aws import clients

    pages = clients(env).client("service-quotas").get_paginator("list_service_quotas")
    quotas = {
        quota["QuotaName"].casefold(): float(quota["Value"])
        for page in pages.paginate(ServiceCode="glue")
        for quota in page["Quotas"]
    }
    return ", ".join(
        f"{name} is {quotas[name.casefold()]:g}, and all pipelines at once take {number:g}"
        for name, number in needed(env, pipelines).items()
        if quotas.get(name.casefold(), number) < number
    )
