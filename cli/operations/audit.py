"""Who gives a command, as audit rows name them."""

from __future__ import annotations

import getpass

from glue_jobs.aws import clients
from lakehouse.environments import Environment


def actor(env: Environment) -> str:
    """Who gives the command: the caller's ARN on AWS, the user of the machine in a local world."""
    if env.aws.endpoint:
        return getpass.getuser()
    return str(clients(env).client("sts").get_caller_identity()["Arn"])
