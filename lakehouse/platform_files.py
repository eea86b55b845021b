"""Finds the platform's own packages and data files, in a checkout of its repository or an installed wheel."""

from __future__ import annotations

import importlib.util
from pathlib import Path

PACKAGES = ("lakehouse", "glue_jobs", "infra", "lambdas", "mwaa_dags", "cli", "local_aws", "checks")
# The wheel has no folder of its own at the top, so templates/ and docs/ lie inside the first package there.
DATA_FOLDER = "platform_data"


def package_folder(package: str) -> Path:
    """The folder of an importable package.

    Imports nothing of it. Raises ModuleNotFoundError when it is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"no package {package}", name=package)
    return Path(spec.submodule_search_locations[0]).resolve()


def packages_root() -> Path:
    """The folder that holds the platform's packages: the root of a checkout, or site-packages."""
    return package_folder("lakehouse").parent


def platform_file(path: str) -> Path:
    """The absolute path of a file or folder of the platform, given by its path in the platform's repository.

    Raises FileNotFoundError when this installation does not hold it.
    """
    root = packages_root()
    data = root / "lakehouse" / DATA_FOLDER
    inside_package = path.split("/")[0] in PACKAGES
    file = (root if inside_package or not data.is_dir() else data) / path
    if not file.exists():
        raise FileNotFoundError(f"the installed platform holds no {path}: {file}")
    return file
