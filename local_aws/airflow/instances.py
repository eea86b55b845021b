"""The Airflows of this platform, by environment."""

from __future__ import annotations

import threading
from pathlib import Path

from local_aws.airflow.instance import Instance
from local_aws.airflow.settings import Settings
from local_aws.glue.host import GlueHost


class Instances:
    """`airflows` holds the Airflows that `make airflow` installs, `data` the folders of those that run."""

    def __init__(self, host: GlueHost, airflows: Path, data: Path) -> None:
        self._host, self._airflows, self._data = host, airflows, data
        self._running: dict[str, Instance] = {}
        self._lock = threading.Lock()

    def missing(self, version: str) -> str:
        """How to install a version that this machine lacks; empty when it is there."""
        installed = (self._home(version) / "ready").exists()
        return "" if installed else f"Airflow {version} is not installed here: `make airflow` does it"

    def of(self, settings: Settings) -> Instance:
        """The environment's Airflow. It starts at the first call, and again when its settings change.

        One that could not start says why once; the next call starts another.
        """
        with self._lock:
            key = f"{settings.region}-{settings.name}"
            instance = self._running.get(key)
            if instance is not None and instance.settings == settings:
                if instance.fault:
                    del self._running[key]
                return instance
            if instance is not None:
                instance.stop()
            binaries = self._home(settings.version) / "bin"
            self._running[key] = Instance(self._host, settings, binaries, self._data / key)
            return self._running[key]

    def stop(self, region: str, name: str) -> None:
        """End the Airflow of an environment that is deleted."""
        with self._lock:
            instance = self._running.pop(f"{region}-{name}", None)
        if instance is not None:
            instance.stop()

    def end_all(self) -> None:
        """End every Airflow at once, with the platform."""
        for instance in list(self._running.values()):
            instance.kill()

    def _home(self, version: str) -> Path:
        return self._airflows / f"airflow-{version}"


_current: list[Instances] = []


def run_on(instances: Instances) -> None:
    """Run the environments of this process's managed Airflow; before, they are records alone."""
    _current[:] = [instances]


def current() -> Instances | None:
    """The Airflows of this process; None where environments are records alone."""
    return _current[0] if _current else None
