"""The engine's wheel, which Glue installs: the packages `lakehouse` and `glue_jobs`, no file of a project."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from infra.build.archive import folder_entries
from lakehouse import __version__
from lakehouse.digest import content_of
from lakehouse.platform_files import DATA_FOLDER, packages_root
from lakehouse.project import DISTRIBUTION

PACKAGES = ("glue_jobs", "lakehouse")
_INFO = f"{DISTRIBUTION.replace('-', '_')}-{__version__}.dist-info"
_METADATA = f"Metadata-Version: 2.1\nName: {DISTRIBUTION}\nVersion: {__version__}\nRequires-Python: >=3.11\n"
_TAGS = "Wheel-Version: 1.0\nGenerator: lakehouse build\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_ENTRY_POINTS = "[console_scripts]\nrun_pipeline = glue_jobs.run:console\n"


def wheel_name(version: str = __version__) -> str:
    """The file name of the engine's wheel."""
    return f"{DISTRIBUTION.replace('-', '_')}-{version}-py3-none-any.whl"


def wheel_entries(source_root: Path | None = None) -> dict[str, bytes | Path]:
    """Everything in the wheel, from the folder that holds the packages (default: where they are installed).

    The wheel names no dependencies: the zip of wheels beside it brings exactly the pinned ones.
    """
    root = source_root or packages_root()
    entries = {path: file for name in PACKAGES for path, file in package_entries(root, name).items()}
    entries[f"{_INFO}/METADATA"] = _METADATA.encode()
    entries[f"{_INFO}/WHEEL"] = _TAGS.encode()
    entries[f"{_INFO}/entry_points.txt"] = _ENTRY_POINTS.encode()
    lines = [_record(path, content_of(content)) for path, content in sorted(entries.items())]
    entries[f"{_INFO}/RECORD"] = "\n".join([*lines, f"{_INFO}/RECORD,,", ""]).encode()
    return entries


def package_entries(root: Path, name: str) -> dict[str, bytes | Path]:
    """The files of an installed package, without the data that only commands read."""
    data = f"lakehouse/{DATA_FOLDER}/"
    return {path: file for path, file in folder_entries(root, name).items() if not path.startswith(data)}


def _record(path: str, raw: bytes) -> str:
    checksum = base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=").decode()
    return f"{path},sha256={checksum},{len(raw)}"
