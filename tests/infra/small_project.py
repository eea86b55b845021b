"""A project with one pipeline of each kind and four tables.

Its stack has every type of resource that the whole stack of this repository has, at half of its resources.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli.pipeline.template import render
from cli.pipeline.template_answers import extra_answers
from cli.project.init import render_project

NAME = "small"
OWNER = f"{NAME}_team"
# The template's own pipeline is `meters`; its job `daily_usage` writes
# gold.daily_usage.
# The job that needs no rows of another one.
FIRST_JOB = "monthly_setup"
JOB, JOB_FILE = "daily_usage", "pipelines/meters/pipeline.yml"
_PARENT, _MONTHLY = "gold.daily_usage", "gold.monthly_usage"

_BATCH = {
    "pipeline_name": "Monthly",
    "pipeline_type": "batch",
    "description": "What each meter used, month by month.",
    "owner": OWNER,
    "notification_email": "small-team@example.com",
    "schedule": "0 6 * * *",
    "environments": ["local", "dev"],
    "parameters": {},
    "execution_sequence": [
        {
            "step": 0,
            "task_name": "monthly_setup",
            "sql_file": "sql/setup.sql",
            "description": "The databases of the catalog",
        },
        {
            "step": 1,
            "task_name": "monthly_usage",
            "sql_file": "sql/monthly_usage.sql",
            "description": "One row per meter and month",
        },
    ],
}
_SQL = """CREATE OR REPLACE TABLE gold_db.monthly_usage AS
SELECT meter_id, trunc(usage_date, 'MM') AS usage_month, SUM(kwh) AS kwh
FROM gold_db.daily_usage
GROUP BY meter_id, trunc(usage_date, 'MM');
"""
_DQ = f"""table: {_MONTHLY}
expectations:
  - type: expect_compound_columns_to_be_unique
    kwargs: {{column_list: [meter_id, usage_month]}}
    severity: critical
    why: One row per meter and month.
"""
# The analysts see the months of one meter alone.
_ROW_FILTERS = f"""filters:
  - name: own_meter
    table: {_MONTHLY}
    role: analyst
    reason: A report shows the use of one meter.
    rows: meter_id = 'M-0001'
"""


def small_project(root: Path) -> Path:
    """Writes the project into an empty folder, with the environments local and dev."""
    render_project(root, NAME, ["dev"])
    _write(root, "pipelines/monthly/config.json", json.dumps(_BATCH))
    _write(root, "pipelines/monthly/sql/setup.sql", "CREATE DATABASE IF NOT EXISTS gold_db;\n")
    _write(root, "pipelines/monthly/sql/monthly_usage.sql", _SQL)
    _write(root, "schemas/gold/monthly_usage.schema.json", json.dumps(_monthly_usage()))
    _write(root, "schemas/gold/monthly_usage.dq.yml", _DQ)
    _write(root, "lakeformation/row_filters.yml", _ROW_FILTERS)
    base = (root / "environments/base.yml").read_text(encoding="utf-8")
    _write(root, "environments/base.yml", base.replace("of_jobs: false", "of_jobs: true"))
    tags = (root / "lakeformation/tags.yml").read_text(encoding="utf-8")
    _write(root, "lakeformation/tags.yml", f"{tags.rstrip()}\n    tables: {{{_MONTHLY}: filtered}}\n")
    answers = extra_answers(root, "events", "streaming", topic="order_events")
    for path, text in render("events", "streaming", None, answers).files.items():
        _write(root, path, text)
    return root


def _monthly_usage() -> dict[str, Any]:
    columns = {
        "meter_id": {"type": "string", "description": "Number of the meter."},
        "usage_month": {"type": "string", "format": "date", "description": "First day of the month, UTC."},
        "kwh": {"type": "number", "description": "Energy used, in kilowatt-hours.", "minimum": 0},
    }
    lineage = {"meter_id": "meter_id", "usage_month": "usage_date", "kwh": "kwh"}
    for name, parent in lineage.items():
        columns[name]["x-lake"] = {"tags": {"pii": "none"}, "derived_from": [f"{_PARENT}.{parent}"]}
    columns["kwh"]["x-lake"]["type"] = "decimal(18,3)"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "gold/monthly_usage",
        "title": "Monthly usage",
        "description": "One row per meter and month.",
        "type": "object",
        "x-lake": {
            "version": 1,
            "owner": OWNER,
            "write": "replace",
            "primary_key": ["meter_id", "usage_month"],
        },
        "properties": columns,
        "required": list(columns),
        "additionalProperties": False,
    }


def _write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
