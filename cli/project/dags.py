"""`lakehouse dags`: what Airflow shows of an environment."""

from __future__ import annotations

import typer

from cli.common import EnvName, Json, print_rows
from lakehouse.environments import load_environment
from lakehouse.project import project_root


def dags(env: EnvName, as_json: Json = False) -> None:
    """List the DAGs of an environment, with their schedule (UTC) and jobs. It needs no Airflow.

    Exit code 2 when a pipeline has faults: Airflow then shows a DAG with these faults in its place.
    """
    from mwaa_dags.load import load

    loaded = load(load_environment(env).name, project_root())
    rows = [
        [dag.dag_id, dag.kind, dag.schedule, dag.pipeline, ", ".join(task.job.name for task in dag.tasks)]
        for dag in sorted(loaded.dags, key=lambda dag: dag.dag_id)
    ]
    columns = ["dag", "kind", "schedule", "pipeline", "jobs"]
    print_rows(f"DAGs in {env}", columns, rows, as_json=as_json)
    faults = [line for spec in loaded.faults for line in spec.faults]
    if faults:
        typer.echo("\n".join(faults), err=True)
        raise typer.Exit(2)
