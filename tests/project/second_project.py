"""A second project in a folder of its own.

`lakehouse init` makes it; a pipeline of SQL and one of each template are added.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakehouse.environments.reader import OVERLAY
from lakehouse.project import CACHE_VARIABLE, MARKER, VARIABLE, Project

BIN = Path(sys.executable).parent
ENVIRONMENTS = ("test", "uat", "prod-eu")
NAME, DAY = "riverside", "2024-01-02"
# Pipeline → kind of the template that makes it.
NEW_PIPELINES = {
    "meter_days": "batch",
    "meter_totals": "metadata",
    "meter_counts": "python",
    "door_events": "streaming",
}
DERIVED = "gold.monthly_usage"
# Names of this repository's own project, which nothing of another project may hold.
TENANTS = ("retail", "loans", "loyalty", "completejourney")
RULES = {
    "meter_id": {
        "type": "string",
        "description": "Number of the meter.",
        "pattern": "^M-[0-9]{4}$",
        "x-lake": {"tags": {"pii": "none"}, "derived_from": ["gold.daily_usage.meter_id"]},
    },
    "usage_month": {
        "type": "string",
        "format": "date",
        "description": "First day of the month.",
        "x-lake": {"tags": {"pii": "none"}, "derived_from": ["gold.daily_usage.usage_date"]},
    },
    "kwh": {
        "type": "number",
        "description": "Energy used in that month, in kilowatt-hours.",
        "minimum": 0,
        "x-lake": {
            "tags": {"pii": "none"},
            "type": "decimal(18,3)",
            "derived_from": ["gold.daily_usage.kwh"],
        },
    },
}
CONTRACT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "gold/monthly_usage",
    "title": "Monthly usage",
    "description": "One row per meter and month.",
    "type": "object",
    "x-lake": {
        "version": 1,
        "owner": f"{NAME}_team",
        "write": "replace",
        "primary_key": ["meter_id", "usage_month"],
    },
    "properties": RULES,
    "required": list(RULES),
    "additionalProperties": False,
}
SUITE = """table: gold.monthly_usage
expectations:
  - type: expect_compound_columns_to_be_unique
    kwargs: {column_list: [meter_id, usage_month]}
    severity: critical
    why: One row per meter and month.
"""
SQL = """CREATE OR REPLACE TABLE gold_db.monthly_usage AS
SELECT meter_id, CAST(trunc(usage_date, 'MM') AS DATE) AS usage_month, SUM(kwh) AS kwh
FROM gold_db.daily_usage
GROUP BY ALL;
"""
JOBS = """job_id,job_name,schedule,dependencies,job_type,owner,environment,description,retry_policy,\
failure_notification
B1,monthly_usage,0 6 * * *,,batch,{name}_team,"local,test,prod-eu",Usage by month,\
"2 retries, backoff 5m",{name}@example.com
B2,monthly_gate,0 6 * * *,B1,batch,{name}_team,"local,test,prod-eu",Checks it,\
"1 retry, backoff 5m",{name}@example.com
B3,monthly_register,0 6 * * *,B2,batch,{name}_team,"local,test,prod-eu",Shows it,\
"2 retries, backoff 5m",{name}@example.com
"""
PROCS = """proc_id,job_id,proc_name,notebook_path,order,retry_count,timeout_minutes,description,\
scheduler_type,dag_id,dependencies
P1,B1,monthly_usage,sql/monthly_usage.sql,1,2,30,,Airflow,billing_monthly,
P2,B2,monthly_gate,gate,1,1,15,,Airflow,billing_monthly,P1
P3,B3,monthly_register,register,1,2,15,,Airflow,billing_monthly,P2
"""
PARAMS = """proc_id,param_name,param_value,param_type,description,secure
P1,reads,gold.daily_usage,tables,What it is made from,No
P1,writes,gold.monthly_usage,tables,What it makes,No
P2,reads,gold.monthly_usage,tables,What is checked,No
P3,reads,gold.monthly_usage,tables,What the catalog shows,No
"""


@dataclass(frozen=True)
class SecondProject:
    """The folder, and the installed commands called in it as its team does."""

    root: Path

    def command(self, program: str, *words: str, timeout: float = 300) -> str:
        """What the command prints. Fails with both outputs when its exit code is not 0."""
        done = subprocess.run(
            [str(BIN / program), *words],
            cwd=self.root,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        assert done.returncode == 0, (
            f"{program} {' '.join(words)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        )
        return done.stdout

    def script(self, text: str) -> str:
        """What a Python script prints that runs in the project's folder."""
        words, env = [sys.executable, "-c", text], self.environment()
        done = subprocess.run(
            words, cwd=self.root, env=env, check=True, timeout=120, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.command("lakehouse", *words, "--json"))

    def outcomes(self, *pipelines: str) -> dict[str, Any]:
        """The outcomes of a run of the pipelines, by job."""
        named = [word for pipeline in pipelines for word in ("--pipeline", pipeline)]
        outcomes = self.json("run", "--env", "local", *named, "--run-date", DAY)
        return {outcome["job"]: outcome for outcome in outcomes}

    @staticmethod
    def environment() -> dict[str, str]:
        """This process's variables; only the downloads are shared with this repository."""
        removed = (VARIABLE, OVERLAY, "LAKEHOUSE_LOGS")
        inherited = {name: value for name, value in os.environ.items() if name not in removed}
        return {**inherited, CACHE_VARIABLE: str(Project.find().cache), "COLUMNS": "200", "TERM": "dumb"}

    def texts(self) -> Iterator[tuple[Path, str]]:
        """Every file of the project and of what was made of it, in lower case.

        Archives of packages are left out.
        """
        for file in self.root.rglob("*"):
            is_archive = file.suffix in (".zip", ".whl")
            if file.is_file() and not is_archive and ".local" not in file.relative_to(self.root).parts:
                yield file, file.read_bytes().decode("utf-8", "ignore").lower()


def make_project(root: Path) -> SecondProject:
    """The project `riverside` with the pipelines `meters` and `billing`, and one of each template."""
    project = SecondProject(root)
    words = ("init", str(root), "--name", NAME, "--environments", ",".join(ENVIRONMENTS))
    subprocess.run([str(BIN / "lakehouse"), *words], check=True, capture_output=True, cwd=root.parent)
    assert (root / MARKER).is_file()
    files = {
        "schemas/gold/monthly_usage.schema.json": json.dumps(CONTRACT, indent=2),
        "schemas/gold/monthly_usage.dq.yml": SUITE,
        "pipelines/billing/job.csv": JOBS.format(name=NAME),
        "pipelines/billing/proc.csv": PROCS,
        "pipelines/billing/proc_param.csv": PARAMS,
        "pipelines/billing/sql/monthly_usage.sql": SQL,
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    # What the query says of the columns is left to it, from here on.
    project.command("lakehouse", "contracts", "shorten", DERIVED, "--derive", "--write")
    for name, kind in NEW_PIPELINES.items():
        project.command("lakehouse", "pipeline", "new", name, "--kind", kind)
    return project
