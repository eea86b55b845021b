"""The prefix and the tags that the resources of one environment share."""

from __future__ import annotations

from lakehouse.environments.model import Environment


def resource_name(env: Environment, *parts: str) -> str:
    """`<project>-<env>-<parts>`: two environments of one account never share a name."""
    return "-".join((env.project, env.name, *parts))


def tags(env: Environment) -> dict[str, str]:
    """The tags of every resource, so that each cost has an environment and an owner."""
    return {
        "project": env.project,
        "environment": env.name,
        "owner": env.stack.owner,
        "cost_centre": env.stack.cost_centre,
    }
