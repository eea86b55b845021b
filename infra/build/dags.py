"""The DAG folder: packages and project files by their paths; at its top the files that MWAA looks for."""

from __future__ import annotations

from pathlib import Path

from infra.build.archive import folder_entries
from infra.build.bundle import dag_project_entries
from infra.build.wheel import package_entries
from lakehouse.platform_files import package_folder, packages_root

PLATFORM_PACKAGES = ("lakehouse", "mwaa_dags")
# What the DAGs import and no image of MWAA holds: pure Python only, as it is installed here.
OTHER_PACKAGES = ("cronsim",)
_AIRFLOW_PACKAGE = "mwaa_dags/"
_IGNORE_FILE = "airflowignore"


def dag_entries(root: Path, source_root: Path | None = None) -> dict[str, bytes | Path]:
    """Every file of the DAG folder for the project at `root`."""
    packages = source_root or packages_root()
    entries = dag_project_entries(root)
    for name in PLATFORM_PACKAGES:
        entries |= {_airflow_path(path): file for path, file in package_entries(packages, name).items()}
    for name in OTHER_PACKAGES:
        entries |= folder_entries(package_folder(name).parent, name)
    return entries


def _airflow_path(path: str) -> str:
    """Files of mwaa_dags that are no modules lie at the top."""
    if not path.startswith(_AIRFLOW_PACKAGE) or path.endswith(".py"):
        return path
    name = path.removeprefix(_AIRFLOW_PACKAGE)
    return f".{name}" if name == _IGNORE_FILE else name
