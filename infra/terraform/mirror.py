"""Finds the AWS provider for Terraform: in a mirror on this machine, else in the public registry."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from pathlib import Path

_PROVIDER = "hashicorp/aws"
_SERIES = "5"
# Folders in which a mirror is looked for, at most _DEPTH levels down.
_FOLDERS = ("/opt", "/srv", "/usr/share", "/usr/local/share", "/usr/lib", "/usr/local/lib", "/var/lib")
_USER_FOLDERS = ("~/.terraform.d", "~/.local/share")
_DEPTH = 2
CONFIG = "TF_CLI_CONFIG_FILE"


def find_mirror(folders: Iterable[str] = (*_FOLDERS, *_USER_FOLDERS)) -> Path | None:
    """The folder with `<registry>/hashicorp/aws/<version>/<os_arch>/terraform-provider-aws_*`, or None."""
    below = f"*.*/{_PROVIDER}/{_SERIES}.*/{platform_name()}/terraform-provider-aws_*"
    for folder in (Path(name).expanduser() for name in folders):
        for depth in range(_DEPTH + 1):
            for program in sorted(folder.glob("/".join(["*"] * depth + [below]))):
                return program.parents[5]
    return None


def provider_settings(cache: Path) -> dict[str, str]:
    """The variables with which Terraform finds its provider: in a mirror, else in the registry.

    What the registry sends is kept in `cache`. A user's own configuration file stays as it is: it may name
    the mirror of their company.
    """
    if Path(os.environ.get(CONFIG) or "~/.terraformrc").expanduser().exists():
        return {}
    mirror = find_mirror()
    plugins = cache / "plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    lines = [f'plugin_cache_dir = "{plugins}"']
    if mirror is not None:
        lines = [
            "provider_installation {",
            f'  filesystem_mirror {{ path = "{mirror}" }}',
            f'  direct {{ exclude = ["registry.terraform.io/{_PROVIDER}"] }}',
            "}",
        ]
    file = cache / "terraform.rc"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {CONFIG: str(file)}


def platform_name() -> str:
    """This machine as Terraform names it, such as `linux_amd64`."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return f"{platform.system().lower()}_{machine}"
