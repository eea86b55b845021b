"""Where Terraform gets the AWS provider: from a mirror on this machine if there is one, else from its registry."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from pathlib import Path

_PROVIDER = "hashicorp/aws"
_SERIES = "5"
# A mirror begins with the host of a registry, at most so deep below one of these.
_FOLDERS = (
    "/opt",
    "/srv",
    "/usr/share",
    "/usr/local/share",
    "/usr/lib",
    "/usr/local/lib",
    "/var/lib",
    "~/.terraform.d",
    "~/.local/share",
)
_DEPTH = 2
CONFIG = "TF_CLI_CONFIG_FILE"


def find_mirror(folders: Iterable[str] = _FOLDERS) -> Path | None:
    """The folder that holds `<registry>/hashicorp/aws/<version>/<os_arch>/terraform-provider-aws_*`, or None."""
    below = f"*.*/{_PROVIDER}/{_SERIES}.*/{_here()}/terraform-provider-aws_*"
    for folder in map(_expanded, folders):
        for depth in range(_DEPTH + 1):
            for program in sorted(folder.glob("/".join(["*"] * depth + [below]))):
                return program.parents[5]
    return None


def configured(cache: Path) -> tuple[dict[str, str], bool]:
    """The variables that Terraform needs to find its provider, and whether a mirror serves it.

    Who has a configuration file of their own keeps it: it may name their company's mirror.
    """
    own = Path(os.environ.get(CONFIG) or "~/.terraformrc").expanduser()
    if own.exists():
        return {}, "filesystem_mirror" in own.read_text(encoding="utf-8", errors="replace")
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
    return {CONFIG: str(file)}, mirror is not None


def _here() -> str:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return f"{platform.system().lower()}_{machine}"


def _expanded(folder: str) -> Path:
    return Path(folder).expanduser()
