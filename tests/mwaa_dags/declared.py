"""The DAGs that the project's files declare, read without the platform's readers."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

from lakehouse.environments import Environment
from lakehouse.project import project_root


def declared_dags(env: Environment) -> set[str]:
    """The dag_ids of the environment's rows, and the folders whose config.json does not exclude it."""
    pipelines, environments = project_root() / "pipelines", {env.name, *env.jobs_of}
    dags = set()
    for file in pipelines.glob("*/config.json"):
        if not environments.isdisjoint(json.loads(file.read_text()).get("environments", environments)):
            dags.add(file.parent.name)
    for file in pipelines.glob("*/job.csv"):
        dags |= _declared_by(file, environments)
    return dags


def _declared_by(job_csv: Path, environments: set[str]) -> set[str]:
    """The dag_ids of one folder's rows. A dag_id of batch and continuous jobs becomes two DAGs."""
    jobs = {row["job_id"]: row for row in csv.DictReader(job_csv.open())}
    active = {key for key, row in jobs.items() if not environments.isdisjoint(row["environment"].split(","))}
    schedules: dict[str, set[bool]] = defaultdict(set)
    for proc in csv.DictReader(job_csv.with_name("proc.csv").open()):
        if proc["job_id"] in active:
            dag_id = proc["dag_id"] or job_csv.parent.name
            schedules[dag_id].add(jobs[proc["job_id"]]["schedule"] == "continuous")
    return set(schedules) | {f"{name}_streaming" for name, kinds in schedules.items() if len(kinds) == 2}
