"""Pins version and hashes of the AWS provider, for every project, by one lock file of the platform."""

from __future__ import annotations

import re
from pathlib import Path

from infra.terraform.mirror import platform_name

LOCK_FILE = Path(__file__).with_name(".terraform.lock.hcl")
# The platforms whose hashes LOCK_FILE holds, as Terraform names them.
PLATFORMS = ("linux_amd64",)
_HASHES = re.compile(r"^  hashes = \[\n.*?^  \]\n", re.MULTILINE | re.DOTALL)


def write_lock(stack: Path, platform: str | None = None) -> Path:
    """Copy the lock file beside a synthesized stack, for `terraform init -lockfile=readonly` to read.

    On a platform that has no hash yet the copy pins the version alone: with a hash of another platform
    Terraform would refuse the provider, without one it checks the registry's signature.
    """
    text = LOCK_FILE.read_text(encoding="utf-8")
    if (platform or platform_name()) not in PLATFORMS:
        text = _HASHES.sub("", text)
    copy = stack / LOCK_FILE.name
    copy.write_text(text, encoding="utf-8")
    return copy
