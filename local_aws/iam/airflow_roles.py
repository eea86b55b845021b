"""Which of Airflow's roles a caller has: MWAA asks IAM for each, `role/<environment>/<role>`.

https://docs.aws.amazon.com/mwaa/latest/userguide/access-policies.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from local_aws.iam.actions import Action

# From the one that may most to the one that may nothing.
ROLES = ("Admin", "Op", "User", "Viewer", "Public")
# These are asked for with a role; a token of the command line has all rights, and is one of the environment.
_BY_ROLE = ("airflow:InvokeRestApi", "airflow:CreateWebLoginToken")


def by_role(action: Action) -> Iterator[tuple[str, Action]]:
    """Each role with the action as IAM decides it; nothing for an action without a role."""
    if action.name in _BY_ROLE:
        environment = action.resource.replace(":environment/", ":role/", 1)
        yield from ((role, replace(action, resource=f"{environment}/{role}")) for role in ROLES)
