"""The files by which a local platform is found."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class PlatformFiles:
    """The state files of one platform.

    `overlay` is merged over environments/local.yml. `services` lists the processes. `secrets` holds the
    credentials of the source systems by secret name. `lock` is locked while the platform lives. `control` is
    the pipe through which its services are restarted.
    """

    overlay: Path
    services: Path
    secrets: Path
    lock: Path
    log: Path
    control: Path

    def remove(self) -> None:
        """Delete the files that point to a running platform; lock and log stay."""
        for file in (self.overlay, self.services, self.secrets, self.control):
            file.unlink(missing_ok=True)


def platform_files(workdir: Path) -> PlatformFiles:
    return PlatformFiles(
        overlay=workdir / "world.json",
        services=workdir / "services.json",
        secrets=workdir / "secrets.json",
        lock=workdir / "lock",
        log=workdir / "logs" / "supervisor.log",
        control=workdir / "control",
    )


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Write JSON atomically, readable only by its owner."""
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(content, out, indent=2)
    temporary.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in the file, or None when the file is missing or holds none."""
    try:
        content = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None
