"""The files by which a local world is found."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class WorldFiles:
    """`overlay` goes on top of environments/local.yml; `services` says which processes there are; `lock` is held while the world lives.

    `secrets` holds how the source systems of this world are reached, by secret name. `control` is the pipe by which its services are restarted.
    """

    overlay: Path
    services: Path
    secrets: Path
    lock: Path
    log: Path
    control: Path


def world_files(workdir: Path) -> WorldFiles:
    return WorldFiles(
        workdir / "world.json", workdir / "services.json", workdir / "secrets.json", workdir / "lock", workdir / "logs" / "supervisor.log",
        workdir / "control",
    )  # fmt: skip


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Appears whole, and only for its owner."""
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(content, out, indent=2)
    temporary.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None
