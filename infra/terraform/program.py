"""Finds Terraform on this machine. The platform never installs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from infra.terraform.error import ToolError

# The first version that locks its state in S3 without a DynamoDB table.
OLDEST = (1, 11)
_EXPECTED = (
    "expected Terraform 1.11 or newer (1.x); "
    "install it from https://developer.hashicorp.com/terraform/install, or name it in TERRAFORM_BINARY_NAME"
)


def terraform() -> Path:
    """The Terraform program of this machine. Raises ToolError (RUN503) when it is missing or too old."""
    name = os.environ.get("TERRAFORM_BINARY_NAME", "terraform")
    program = shutil.which(name)
    if program is None:
        raise ToolError("RUN503", f"'{name}' is not on the PATH; {_EXPECTED}")
    version = _version(program)
    if not (OLDEST <= version < (2,)):
        shown = ".".join(map(str, version)) or "unknown"
        raise ToolError("RUN503", f"{program} is version {shown}; {_EXPECTED}")
    return Path(program)


def _version(program: str) -> tuple[int, ...]:
    """Major, minor and patch number; empty when the program does not answer as Terraform does."""
    command = [program, "version", "-json"]
    quiet = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env=quiet, timeout=60)
    try:
        numbers = json.loads(answer.stdout)["terraform_version"].split("-")[0].split(".")
        return tuple(int(number) for number in numbers)
    except (ValueError, KeyError):
        return ()
