"""What the functions know of the jobs: the document that lambdas/common/job_catalog.py reads."""

from __future__ import annotations

from typing import Any

from infra.facts import Facts
from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job

FRESH = "expect_table_to_be_fresh"
# `slack@company.com` in a row means the environment's channel, as the loan pipelines of old wrote it.
SLACK_MAILBOX = "slack@"


def address(env: Environment, stated: str) -> tuple[str, str]:
    """(e-mail, Slack channel) of a row's `failure_notification`, one of them empty.

    `#channel` is that channel, `slack@…` the environment's own, any other address an e-mail.
    """
    if stated.startswith("#"):
        return "", stated
    return ("", env.stack.alerts.slack_channel) if stated.startswith(SLACK_MAILBOX) else (stated, "")


def emails(facts: Facts) -> tuple[str, ...]:
    """Every address that a job's row names, once."""
    named = (address(facts.env, job.failure_notification)[0] for job in facts.jobs)
    return tuple(sorted({email for email in named if email}))


def document(facts: Facts) -> dict[str, Any]:
    """`jobs` by name; `fresh`: gold table → days, by the strictest rule of its suite."""
    return {
        "jobs": [_job(facts.env, job) for job in sorted(facts.jobs, key=lambda job: job.name)],
        "fresh": _fresh(facts),
    }


def _job(env: Environment, job: Job) -> dict[str, Any]:
    email, slack = address(env, job.failure_notification)
    return {
        "name": job.name,
        "glue_name": names.glue_job(env, job.name),
        "pipeline": job.pipeline,
        "owner": job.owner,
        "schedule": job.schedule,
        "retries": job.retry.retries,
        "sla_minutes": job.sla_minutes,
        "email": email,
        "slack": slack,
        "depends_on": list(job.depends_on),
        "writes": list(job.writes),
    }


def _fresh(facts: Facts) -> dict[str, int]:
    # A run that never ends is in the audit once: how far a stream is, its own metrics say.
    streamed = {table for job in facts.jobs if job.continuous for table in job.writes}
    rules = {
        table: [int(rule.kwargs["max_age_days"]) for rule in suite.expectations if rule.type == FRESH]
        for table, suite in sorted(facts.schemas.suites.items())
        if table.startswith("gold.") and table not in streamed
    }
    return {table: min(days) for table, days in rules.items() if days}
