"""Looks into a loaded project."""

from __future__ import annotations

from lakehouse.orchestration.specs import DagSpec
from mwaa_dags.load import Loaded


def dag(loaded: Loaded, dag_id: str) -> DagSpec:
    """The DAG of that id, of a project without faults."""
    assert loaded.faults == ()
    return next(spec for spec in loaded.dags if spec.dag_id == dag_id)


def faults(loaded: Loaded) -> dict[str, str]:
    """dag_id of each fault DAG → its faults, a line each."""
    return {spec.dag_id: "\n".join(spec.faults) for spec in loaded.faults}
