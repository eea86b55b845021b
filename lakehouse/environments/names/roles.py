"""Names of IAM roles and policies, and of the Athena workgroups of people."""

from __future__ import annotations

from lakehouse.environments.model import Environment
from lakehouse.environments.names.prefix import resource_name


def job_role(env: Environment, job: str) -> str:
    """The role that one Glue job runs as. IAM wants at most 64 characters."""
    return resource_name(env, "job", job)


def jobs_policy(env: Environment) -> str:
    """What every Glue job may alike."""
    return resource_name(env, "jobs")


def person_role(env: Environment, role: str) -> str:
    """The role that people of a group take on: analyst, data_engineer, steward, ml, viewers, operators."""
    return resource_name(env, role)


def service_role(env: Environment, service: str) -> str:
    """The role of a part of the platform itself: mwaa, sla_notifier, replication, …"""
    return resource_name(env, "svc", service)


def workgroup(env: Environment) -> str:
    """Athena workgroup."""
    return resource_name(env)


def role_workgroup(env: Environment, role: str) -> str:
    """Athena workgroup of the people of a role: what one role may see, its results hold."""
    return resource_name(env, role)


def role_results(role: str) -> str:
    """Where below the zone of Athena the results of a role's queries are."""
    return f"people/{role}/"


def group(env: Environment, name: str) -> str:
    """Security group, and the Name tag of what else a VPC holds."""
    return resource_name(env, name)
