"""Writes the job catalog, the document of all functions that lambdas/common/job_catalog.py reads."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from infra.facts import Facts
from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job
from lakehouse.pipelines.run_arguments import argument_patterns, param_patterns

FRESHNESS_RULE = "expect_table_to_be_fresh"
# `slack@company.com` in a row stands for the environment's channel.
SLACK_MAILBOX = "slack@"


def address(env: Environment, notification: str) -> tuple[str, str]:
    """(e-mail, Slack channel) of a row's `failure_notification`, one of them empty.

    `#channel` is that channel, `slack@…` the environment's channel, any other address an e-mail.
    """
    if notification.startswith("#"):
        return "", notification
    if notification.startswith(SLACK_MAILBOX):
        return "", env.stack.alerts.slack_channel
    return notification, ""


def emails(facts: Facts) -> tuple[str, ...]:
    """The e-mail addresses that the jobs' rows name, sorted."""
    addresses = (address(facts.env, job.failure_notification)[0] for job in facts.jobs)
    return tuple(sorted({email for email in addresses if email}))


def document(facts: Facts) -> dict[str, Any]:
    """`jobs`: one object per job. `fresh`: gold table → allowed age in days, the suite's strictest."""
    jobs = sorted(facts.jobs, key=lambda job: job.name)
    # Airflow alone watches a pipeline of a data factory: it leaves no row in the audit.
    elsewhere = {job.name for job in jobs if job.factory_pipeline(facts.env)}
    return {"jobs": [_job(facts.env, job, elsewhere) for job in jobs], "fresh": _max_age_days(facts)}


def _job(env: Environment, job: Job, elsewhere: Collection[str]) -> dict[str, Any]:
    email, slack = address(env, job.failure_notification)
    return {
        "name": job.name,
        "glue_name": names.glue_job(env, job.name),
        "pipeline": job.pipeline,
        "owner": job.owner,
        # A fused job leaves no row of its own in the audit: its members do, each when it is due.
        "schedule": "" if job.name in elsewhere or job.members else env.schedule_of(job.schedule),
        "retries": job.retry.retries,
        "sla_minutes": job.sla_within(env.glue.timeout_minutes),
        "email": email,
        "slack": slack,
        "depends_on": [name for name in job.depends_on if name not in elsewhere],
        "writes": [] if job.members else list(job.writes),
        "params": param_patterns(job),
        "arguments": argument_patterns(job),
    }


def _max_age_days(facts: Facts) -> dict[str, int]:
    # The age of a continuous job's only audit row says nothing. The stream's own metrics show its lag.
    streamed = {table for job in facts.jobs if job.continuous for table in job.writes}
    ages = {
        table: [
            int(rule.kwargs["max_age_days"]) for rule in suite.expectations if rule.type == FRESHNESS_RULE
        ]
        for table, suite in sorted(facts.schemas.suites.items())
        if table.startswith("gold.") and table not in streamed
    }
    return {table: min(days) for table, days in ages.items() if days}
