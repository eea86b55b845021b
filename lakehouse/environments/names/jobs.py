"""Names of the Glue jobs and of what they run with: connections, secrets, registry, what starts them."""

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


def state_machine(env: Environment, dag_id: str) -> str:
    """State machine of Step Functions that runs the jobs of a DAG where there is no Airflow."""
    return resource_name(env, dag_id)


def schedule(env: Environment, dag_id: str) -> str:
    """Schedule of EventBridge Scheduler that starts the state machine of a DAG. At most 64 characters."""
    return resource_name(env, dag_id)


def schedule_group(env: Environment) -> str:
    """Group of all schedules of EventBridge Scheduler."""
    return resource_name(env)


def state_machine_log_group(env: Environment) -> str:
    """AWS delivers to groups of this prefix without a statement for each in a policy of limited length."""
    return f"/aws/vendedlogs/states/{resource_name(env)}"
