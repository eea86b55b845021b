"""The facts, read once: a DAG for what is sound, and one that says what is wrong for each pipeline that is not."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakehouse.environments import Environment
from lakehouse.environments.reader import read_environment
from lakehouse.pipelines import Job, Pipeline
from lakehouse.pipelines.graph import ordered
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.project import Project
from lakehouse.reading.faults import Collector, Fault
from mwaa_dags.plan import display_name, plan
from mwaa_dags.specs import DagSpec, FaultSpec

# The DAG folder holds no code of jobs, only their SQL and templates. Whether it exists was asked before it was deployed.
NOT_ASKED, CODE = "LK308", ".py"
# What a job reads may be written by a pipeline that cannot be read: its fault, not the reader's.
UNWRITTEN = "LK313"
PLATFORM = "platform"


class _Collector(Collector):
    """Without what is not asked here: it would be one fault for each job that is code."""

    def add(self, code: str, what: str, **where: Any) -> None:
        if code != NOT_ASKED or not str(where.get("value", "")).endswith(CODE):
            super().add(code, what, **where)


@dataclass(frozen=True)
class Loaded:
    """What there is to show. Without an environment there are no DAGs."""

    env: Environment | None
    dags: tuple[DagSpec, ...]
    faults: tuple[FaultSpec, ...]

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All that run in this environment and are sound, in an order in which they may run, whatever DAG they are in."""
        return tuple(ordered([task.job for dag in self.dags for task in dag.tasks]))


def load(env_name: str, root: Path | None = None) -> Loaded:
    """The DAGs of an environment, for the project at `root`: by default LAKEHOUSE_PROJECT or the DAG folder that holds this module.

    Never raises: a DAG file that does hides every DAG it would have made.
    """
    env = None
    try:
        # Airflow's working folder says nothing about where its DAG folder is.
        faults = _Collector((root or Project.find(Path(__file__).parent).root).resolve())
        env = read_environment(env_name, faults)
        if env is None:
            return Loaded(None, (), (_fault(None, PLATFORM, faults.faults),))
        return _loaded(env, read_pipelines(faults), faults)
    except Exception:
        lines = tuple(line for line in traceback.format_exc().splitlines() if line.strip())
        return Loaded(env, (), (FaultSpec(f"fault_{PLATFORM}", f"Fault: {PLATFORM}", PLATFORM, lines),))


def _loaded(env: Environment, pipelines: dict[str, Pipeline], faults: Collector) -> Loaded:
    bad = _by_pipeline(faults.faults)
    own = {name for name, found in bad.items() if any(f.code != UNWRITTEN for f in found)}
    bad = {name: found for name, found in bad.items() if name in own or not own}
    while True:
        # A pipeline whose DAGs cannot be made is taken out, and the others are planned without it.
        again = Collector(faults.root)
        dags = plan(env, [p for name, p in pipelines.items() if name not in bad], again)
        if not again.faults:
            specs = tuple(_fault(env, name, found) for name, found in sorted(bad.items()))
            return Loaded(env, tuple(dags), specs)
        bad |= _by_pipeline(again.faults)


def _by_pipeline(faults: Iterable[Fault]) -> dict[str, list[Fault]]:
    found: dict[str, list[Fault]] = {}
    for fault in faults:
        parts = Path(fault.file).parts
        found.setdefault(parts[1] if len(parts) > 2 and parts[0] == "pipelines" else PLATFORM, []).append(
            fault
        )
    return found


def _fault(env: Environment | None, pipeline: str, faults: list[Fault]) -> FaultSpec:
    # Airflow wants letters, digits, dots, dashes and underscores; a folder may be called anything.
    word = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else f"-{ord(c):x}-" for c in pipeline)[
        :200
    ]
    name = f"Fault: {pipeline}" if env is None else display_name(env, f"{pipeline}: fault")
    return FaultSpec(f"fault_{word}", name, pipeline, tuple(map(str, sorted(set(faults)))))
