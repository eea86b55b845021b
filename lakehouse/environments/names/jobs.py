"""Names of the Glue jobs and of what they run with: connections, secrets, registry, Airflow."""

from __future__ import annotations

from lakehouse.environments.model import Environment
from lakehouse.environments.names.prefix import resource_name


def glue_job(env: Environment, job: str) -> str:
    return resource_name(env, job)


def connection(env: Environment, name: str) -> str:
    """Glue connection."""
    return resource_name(env, name)


def registry(env: Environment) -> str:
    """Glue Schema Registry of the messages that are read."""
    return resource_name(env, "messages")


def security_configuration(env: Environment) -> str:
    """Of the Glue jobs."""
    return resource_name(env)


def secret(env: Environment, name: str) -> str:
    """Secrets Manager name: `<project>/<env>/<name>`."""
    return f"{env.project}/{env.name}/{name}"


def airflow(env: Environment) -> str:
    """MWAA environment."""
    return resource_name(env)
