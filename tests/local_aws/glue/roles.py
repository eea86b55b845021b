"""A role that Glue takes on, and that may everything."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

VERSION = "2012-10-17"
TRUST = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def make_role(iam: Any, name: str) -> None:
    """Make the role, unless it is there."""
    trust = json.dumps({"Version": VERSION, "Statement": [TRUST]})
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        document = json.dumps({"Version": VERSION, "Statement": [EVERYTHING]})
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document)
