"""Terraform: found on this machine, never brought by us."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from infra.terraform.error import ToolError

OLDEST = (1, 11)  # locks its state in S3 without a table
_WANTED = "Terraform 1.11 or newer (1.x); install it from https://developer.hashicorp.com/terraform/install, or name it in TERRAFORM_BINARY_NAME"


def terraform() -> Path:
    """The program that cdktf will use too. Raises ToolError (RUN503) when there is none or it is too old."""
    name = os.environ.get("TERRAFORM_BINARY_NAME", "terraform")
    found = shutil.which(name)
    if found is None:
        raise ToolError("RUN503", f"'{name}' is not on the PATH; wanted {_WANTED}")
    stated = _version(found)
    if not (OLDEST <= stated < (2,)):
        raise ToolError(
            "RUN503", f"{found} is version {'.'.join(map(str, stated)) or 'unknown'}; wanted {_WANTED}"
        )
    return Path(found)


def _version(program: str) -> tuple[int, ...]:
    quiet = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        [program, "version", "-json"], capture_output=True, text=True, check=False, env=quiet, timeout=60
    )
    try:
        return tuple(
            int(part) for part in json.loads(done.stdout)["terraform_version"].split("-")[0].split(".")
        )
    except (ValueError, KeyError):
        return ()
