"""Reads the project once: DAGs for the pipelines without faults, and a fault DAG for each of the others."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakehouse.environments import Environment
from lakehouse.environments.reader import read_environment
from lakehouse.orchestration.plan import display_name, plan
from lakehouse.orchestration.specs import DagSpec, FaultSpec
from lakehouse.pipelines import Job, Pipeline
from lakehouse.pipelines.graph import ordered
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.project import Project
from lakehouse.reading.faults import Collector, Fault

# The DAG folder holds the jobs' SQL and templates, but not their code. `lakehouse validate` has checked that.
FILE_MISSING, CODE_SUFFIX = "LK308", ".py"
# The table's writer may be in a pipeline that cannot be read; then the reader is not at fault.
READ_UNWRITTEN = "LK313"
PLATFORM = "platform"
MAX_DAG_ID = 200


class _DagFolderCollector(Collector):
    """Ignores missing code files, which are not part of the DAG folder."""

    def add(self, code: str, what: str, **where: Any) -> None:
        if code != FILE_MISSING or not str(where.get("value", "")).endswith(CODE_SUFFIX):
            super().add(code, what, **where)


@dataclass(frozen=True)
class Loaded:
    """The DAGs of an environment. Without a readable environment `env` is None and there are no DAGs."""

    env: Environment | None
    dags: tuple[DagSpec, ...]
    faults: tuple[FaultSpec, ...]

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs of all DAGs, sorted by their dependencies."""
        return tuple(ordered([task.job for dag in self.dags for task in dag.tasks]))


def load(env_name: str, root: Path | None = None) -> Loaded:
    """Reads the project at `root`: by default LAKEHOUSE_PROJECT, else the DAG folder that holds this module.

    Never raises: an exception in the DAG file would remove every DAG.
    """
    env = None
    try:
        # Airflow's working folder is not the DAG folder.
        faults = _DagFolderCollector((root or Project.find(Path(__file__).parent).root).resolve())
        env = read_environment(env_name, faults)
        if env is None:
            return Loaded(None, (), (_fault_spec(None, PLATFORM, faults.faults),))
        return _loaded(env, read_pipelines(faults), faults)
    except Exception:
        lines = tuple(line for line in traceback.format_exc().splitlines() if line.strip())
        return Loaded(env, (), (FaultSpec(f"fault_{PLATFORM}", f"Fault: {PLATFORM}", PLATFORM, lines),))


def _loaded(env: Environment, pipelines: dict[str, Pipeline], faults: Collector) -> Loaded:
    faulty = _without_consequences(_by_pipeline(faults.faults))
    while True:
        # Leaves out each pipeline whose DAGs cannot be made, and plans the others again without it.
        attempt = Collector(faults.root)
        dags = plan(env, [p for name, p in pipelines.items() if name not in faulty], attempt)
        if not attempt.faults:
            specs = tuple(_fault_spec(env, name, of_name) for name, of_name in sorted(faulty.items()))
            return Loaded(env, tuple(dags), specs)
        faulty |= _by_pipeline(attempt.faults)


def _without_consequences(faulty: dict[str, list[Fault]]) -> dict[str, list[Fault]]:
    """Drops pipelines whose only fault is a table without a writer, when another pipeline cannot be read."""
    causes = {name for name, faults in faulty.items() if any(f.code != READ_UNWRITTEN for f in faults)}
    return {name: faulty[name] for name in causes} if causes else faulty


def _by_pipeline(faults: Iterable[Fault]) -> dict[str, list[Fault]]:
    """Faults by the pipeline whose folder holds the file; `platform` for all other files."""
    groups: dict[str, list[Fault]] = {}
    for fault in faults:
        parts = Path(fault.file).parts
        pipeline = parts[1] if len(parts) > 2 and parts[0] == "pipelines" else PLATFORM
        groups.setdefault(pipeline, []).append(fault)
    return groups


def _fault_spec(env: Environment | None, pipeline: str, faults: list[Fault]) -> FaultSpec:
    name = f"Fault: {pipeline}" if env is None else display_name(env, f"{pipeline}: fault")
    return FaultSpec(f"fault_{_dag_id(pipeline)}", name, pipeline, tuple(map(str, sorted(set(faults)))))


def _dag_id(folder: str) -> str:
    """The folder's name. Replaces the characters that Airflow forbids in a dag_id by their code points."""
    allowed = (c if c.isascii() and (c.isalnum() or c in "._-") else f"-{ord(c):x}-" for c in folder)
    return "".join(allowed)[:MAX_DAG_ID]
