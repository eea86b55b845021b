"""The wheel that Glue installs: the rooms of facts and the jobs. A wheel is a zip file with a list of what is in it."""

from __future__ import annotations

import base64
import hashlib
import tomllib
from pathlib import Path

from infra.build.archive import room
from infra.build.named import named_files

ROOMS = ("environments", "facts", "glue_jobs", "pipelines", "schemas")
_WHEEL = "Wheel-Version: 1.0\nGenerator: lakehouse build\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_ENTRY = "[console_scripts]\nrun_pipeline = glue_jobs.run:console\n"


def distribution(root: Path) -> tuple[str, str]:
    """(name, version) of the project."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["name"], project["version"]


def wheel_name(root: Path) -> str:
    name, version = distribution(root)
    return f"{name.replace('-', '_')}-{version}-py3-none-any.whl"


def wheel_entries(root: Path) -> dict[str, bytes | Path]:
    """Everything in the wheel. It names no dependencies: the zip of wheels beside it brings exactly those of the lock file."""
    name, version = distribution(root)
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    entries: dict[str, bytes | Path] = {
        path: file for each in ROOMS for path, file in room(root, each).items()
    }
    entries |= named_files(root, ROOMS)
    entries[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=3.11\n".encode()
    )
    entries[f"{info}/WHEEL"] = _WHEEL.encode()
    entries[f"{info}/entry_points.txt"] = _ENTRY.encode()
    lines = [_recorded(path, content) for path, content in sorted(entries.items())]
    entries[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()
    return entries


def _recorded(path: str, content: bytes | Path) -> str:
    raw = content if isinstance(content, bytes) else content.read_bytes()
    checksum = base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=").decode()
    return f"{path},sha256={checksum},{len(raw)}"
