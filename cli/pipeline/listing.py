"""`lakehouse pipeline list`: the pipelines of the project."""

from __future__ import annotations

from cli.common import Json, print_rows


def list_pipelines(as_json: Json = False) -> None:
    """Show every pipeline: its jobs, its tables, when it runs and who owns it."""
    from lakehouse.pipelines import load_pipelines

    rows = []
    for pipeline in load_pipelines().values():
        tables = {table for job in pipeline.jobs for table in job.writes}
        schedules = dict.fromkeys(job.schedule for job in pipeline.jobs)
        owners = dict.fromkeys(job.owner for job in pipeline.jobs)
        rows.append([pipeline.name, len(pipeline.jobs), len(tables), ", ".join(schedules), ", ".join(owners)])
    columns = ["pipeline", "jobs", "tables", "schedule", "owner"]
    print_rows("", columns, rows, as_json=as_json, right=["jobs", "tables"])
