"""A real Airflow beside the project's own packages, with the DAG folder as it is uploaded.  `python tests/mwaa_dags/real_airflow.py ENV`: the DAGs it sees"""

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
INSIDE = Path(__file__).with_name("inside.py")


@dataclass(frozen=True)
class Airflow:
    """One version, its home and its DAG folder."""

    version: str
    home: Path
    dags: Path

    def migrate(self) -> None:
        self._call([self._bin("airflow"), "db", "migrate"], {})

    def ask(self, *words: str, asked: Any = None, env: Mapping[str, str] | None = None) -> Any:
        """What `inside.py` answers."""
        answer = self.home / "answer.json"
        answer.unlink(missing_ok=True)
        said = self._call(
            [self._bin("python"), str(INSIDE), str(answer), *words], env or {}, json.dumps(asked)
        )
        assert answer.exists(), said
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
        """Nothing of this process's own packages or credentials."""
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("AWS_", "PYTHON", "LAKEHOUSE_", "AIRFLOW_", "VIRTUAL_ENV"))
        }
        own = {
            "AIRFLOW_HOME": str(self.home), "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "LAKEHOUSE_ENV": "local", "AWS_EC2_METADATA_DISABLED": "true", "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        }  # fmt: skip
        return {**kept, **own, **env}

    def _bin(self, program: str) -> str:
        return str(environment(self.version) / "bin" / program)


def environment(version: str) -> Path:
    return ROOT / ".cache" / f"airflow-{version}"


def missing(version: str) -> str:
    """What to do when that Airflow is not there; empty when it is."""
    return (
        ""
        if (environment(version) / "ready").exists()
        else f"Airflow {version} is not installed: `make airflow` does it"
    )


def lay_out(folder: Path) -> Path:
    """The DAG folder as it is uploaded."""
    from infra.build.dags import dag_entries

    for name, content in dag_entries(ROOT).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    return folder


def main(env: str) -> None:
    if said := missing(NEWEST):
        sys.exit(said)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        home.mkdir()
        seen = Airflow(NEWEST, home, lay_out(Path(place) / "dags")).ask(
            "structure", env={"LAKEHOUSE_ENV": env}
        )
    for dag_id, dag in sorted(seen["dags"].items()):
        print(
            f"{dag_id:<32} {dag['schedule'] or 'by hand':<14} {len(dag['tasks']):>3} tasks  {dag['display_name']}"
        )
    if seen["errors"]:
        sys.exit("\n".join(seen["errors"].values()))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if len(sys.argv) != 2:
        sys.exit("usage: make dags-list ENV=<local|dev|staging|prod>")
    main(sys.argv[1])
