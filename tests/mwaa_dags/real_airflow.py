"""A real Airflow in an environment of its own, with the DAG folder as it is uploaded.

`python tests/mwaa_dags/real_airflow.py ENV` prints the DAGs that it finds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NEWEST, OLDEST = "3.2.1", "3.0.6"
PROBE = Path(__file__).with_name("airflow_probe.py")


@dataclass(frozen=True)
class Airflow:
    """One version, its home and its DAG folder."""

    version: str
    home: Path
    dags: Path

    def migrate(self) -> None:
        """Creates the database, which runs need."""
        self._call([self._bin("airflow"), "db", "migrate"], {})

    def probe(self, command: str, questions: Any = None, env: Mapping[str, str] | None = None) -> Any:
        """What airflow_probe.py answers."""
        answer = self.home / "answer.json"
        answer.unlink(missing_ok=True)
        program = [self._bin("python"), str(PROBE), str(answer), command]
        output = self._call(program, env or {}, json.dumps(questions))
        assert answer.exists(), output
        return json.loads(answer.read_text())

    def _call(self, command: list[str], env: Mapping[str, str], text: str = "") -> str:
        done = subprocess.run(
            command,
            env=self._environment(env),
            input=text,
            capture_output=True,
            text=True,
            timeout=300,
            cwd=self.home,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
        return done.stdout + done.stderr

    def _environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """This process's variables without those of its packages and credentials, then Airflow's own."""
        inherited = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("AWS_", "PYTHON", "LAKEHOUSE_", "AIRFLOW_", "VIRTUAL_ENV"))
        }
        settings = {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
            "LAKEHOUSE_ENV": "local",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return {**inherited, **settings, **env}

    def _bin(self, program: str) -> str:
        return str(environment(self.version) / "bin" / program)


def environment(version: str) -> Path:
    """Where `make airflow` installs a version."""
    return ROOT / ".cache" / f"airflow-{version}"


def missing(version: str) -> str:
    """How to install a version that is missing; empty when it is installed."""
    installed = (environment(version) / "ready").exists()
    return "" if installed else f"Airflow {version} is not installed: `make airflow` does it"


def lay_out(folder: Path, project: Path = ROOT) -> Path:
    """Writes the DAG folder of a project as it is uploaded."""
    from infra.build.dags import dag_entries

    for name, content in dag_entries(project).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    return folder


def main(env: str) -> None:
    """Prints the DAGs of an environment. Exits with Airflow's import errors."""
    if hint := missing(NEWEST):
        sys.exit(hint)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        airflow = Airflow(NEWEST, home, lay_out(Path(folder) / "dags"))
        structure = airflow.probe("structure", env={"LAKEHOUSE_ENV": env})
    for dag_id, dag in sorted(structure["dags"].items()):
        schedule, tasks = dag["schedule"] or "by hand", len(dag["tasks"])
        print(f"{dag_id:<32} {schedule:<14} {tasks:>3} tasks  {dag['display_name']}")
    if structure["errors"]:
        sys.exit("\n".join(structure["errors"].values()))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if len(sys.argv) != 2:
        sys.exit("usage: make dags-list ENV=<local|dev|staging|prod>")
    main(sys.argv[1])
