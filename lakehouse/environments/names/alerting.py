"""Names of what watches and notifies: topics, queues, functions, alarms, logs, dashboards, budget."""

from __future__ import annotations

from lakehouse.environments.model import Environment
from lakehouse.environments.names.prefix import resource_name


def alert_topic(env: Environment) -> str:
    return resource_name(env, "alerts")


def owner_topic(env: Environment) -> str:
    """What the owner of one job is told; each subscription takes only its own.

    The alert topic is for all the rest.
    """
    return resource_name(env, "owners")


def notified_table(env: Environment) -> str:
    """DynamoDB table in which the functions note the messages that they have sent, so that none is sent
    twice.
    """
    return resource_name(env, "told")


def queue(env: Environment, name: str) -> str:
    """SQS queue."""
    return resource_name(env, name)


def function(env: Environment, name: str) -> str:
    """Lambda function."""
    return resource_name(env, name)


def job_catalog_key() -> str:
    """Key of the job catalog for the functions, in the bucket of artifacts."""
    return "functions/watched.json"


def alarm(env: Environment, name: str) -> str:
    """CloudWatch alarm."""
    return resource_name(env, name)


def budget(env: Environment) -> str:
    return resource_name(env)


def metrics_namespace(env: Environment) -> str:
    return f"{env.project}/{env.name}"


def log_group(env: Environment, name: str) -> str:
    return f"/{env.project}/{env.name}/{name}"


def dashboard(env: Environment) -> str:
    return resource_name(env)
