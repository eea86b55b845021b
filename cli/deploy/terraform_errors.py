"""Turns what Terraform prints when it fails into an error that names the command which mends it."""

from __future__ import annotations

import re

from infra.terraform.error import ToolError
from lakehouse.environments.model import Environment

_LOCKED = "Error acquiring the state lock"
_LOCK_ID = re.compile(r"\bID:\s+([0-9a-f-]{36})")
# IAM, Glue and S3 each have their own word for it; the address follows.
_EXISTS = re.compile(r"(?:AlreadyExists|already exists|AlreadyOwnedByYou).*?with\s+(\w+\.\w+)", re.DOTALL)
_NO_PROVIDER = ("Failed to install provider", "Failed to query available provider packages")
_SHOWN_CHARACTERS = 2000


def interrupted(command: str, env: Environment) -> ToolError:
    """The error of a `command` that the user, or a workflow that was cancelled, has stopped."""
    return ToolError(
        "RUN508", f"{command} was interrupted; `cdktf deploy --env {env.name}` again finishes what was begun"
    )


def failure(command: str, env: Environment, output: str, *, shown: bool) -> ToolError:
    """The error of a `command` that ended with an error. `shown`: the user has seen its output already."""
    if _LOCKED in output:
        return _locked(env, output)
    if addresses := sorted(set(_EXISTS.findall(output))):
        return _already_exists(command, env, addresses)
    rest = "" if shown else f": {output.strip()[-_SHOWN_CHARACTERS:]}"
    if any(text in output for text in _NO_PROVIDER):
        return ToolError("RUN504", f"{command} cannot install the AWS provider{rest}")
    again = f"mend what it names, then `cdktf deploy --env {env.name}` again finishes it"
    return ToolError("RUN508", f"{command} ended with an error; {again}{rest}")


def _locked(env: Environment, output: str) -> ToolError:
    lock = _LOCK_ID.search(output)
    return ToolError(
        "RUN506",
        f"the state of environment '{env.name}' is locked: another deploy is running, or one that was killed "
        f"left its lock; when none is running: `cdktf unlock --env {env.name} {lock[1] if lock else 'ID'}`",
    )


def _already_exists(command: str, env: Environment, addresses: list[str]) -> ToolError:
    named = " ".join(addresses)
    return ToolError(
        "RUN511",
        f"{command}: {', '.join(addresses)} exists and the state does not know it: a deploy was killed while "
        "AWS made it, or it belongs to another team; "
        f"if it is ours: `cdktf adopt --env {env.name} {named}`, then deploy again",
    )
