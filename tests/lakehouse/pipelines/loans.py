"""The loan pipelines as their owners wrote them down, and trees that hold them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lakehouse.pipelines import Pipeline
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.reading.faults import Collector, Fault
from tests.project_marker import mark

JOB = """
| job_id | job_name | schedule | dependencies | job_type | owner | environment \
| description | retry_policy | failure_notification |
|---|---|---|---|---|---|---|---|---|---|
| J001 | ingest_loan_applications | 0 2 * * * | | batch | data_eng_team | dev,prod \
| Daily ingestion of loan application data from CRM | 3 retries, backoff 5m | email@company.com |
| J002 | ingest_loan_book | 0 3 * * * | J001 | batch | data_eng_team | dev,prod \
| Daily ingestion of loan book data from core banking | 2 retries, backoff 10m | email@company.com |
| J003 | bronze_transform | 0 4 * * * | J001,J002 | batch | data_eng_team | dev,prod \
| Bronze layer transformation for raw loan datasets | 3 retries, backoff 5m | slack@company.com |
| J004 | silver_transform | 0 5 * * * | J003 | batch | data_eng_team | dev,prod \
| Silver layer enrichment & entity relationships | 2 retries, backoff 10m | slack@company.com |
| J005 | gold_kpi_aggregation | 0 6 * * * | J004 | batch | analytics | dev,prod \
| KPI computation & aggregation for dashboards | 3 retries, backoff 10m | slack@company.com |
| J006 | streaming_loan_events | continuous | | streaming | data_eng_team | prod \
| Real-time streaming ingestion of loan event messages | 5 retries, backoff 5m | email@company.com |
"""
PROC = """
| proc_id | job_id | proc_name | notebook_path \
| order | retry_count | timeout_minutes | scheduler_type | dag_id | dependencies |
|---|---|---|---|---|---|---|---|---|---|
| P001 | J001 | loan_app_ingest | src/ingestion/adf_templates/loan_app_ingest.json \
| 1 | 3 | 60 | ADF | adf_loan_app_dag | |
| P002 | J002 | loan_book_ingest | src/ingestion/adf_templates/loan_book_ingest.json \
| 1 | 3 | 60 | ADF | adf_loan_book_dag | P001 |
| P003 | J003 | bronze_loan_raw | src/transformation/bronze/bronze_loan_raw.sql \
| 1 | 2 | 120 | Airflow | airflow_bronze_dag | P001,P002 |
| P004 | J004 | silver_loan_enrich | src/transformation/silver/silver_loan_enrich.sql \
| 1 | 2 | 120 | Airflow | airflow_silver_dag | P003 |
| P005 | J005 | gold_kpi_metrics | src/transformation/gold/gold_kpi_metrics.sql \
| 1 | 2 | 60 | Airflow | airflow_gold_dag | P004 |
| P006 | J006 | streaming_loan_proc | src/ingestion/pyspark_streaming/streaming_loan.py \
| 1 | 5 | 0 (continuous) | Airflow | airflow_streaming_dag | |
"""
PARAM = """
| proc_id | param_name | param_value | param_type | secure |
|---|---|---|---|---|
| P001 | start_date | {{ yesterday() }} | date | No |
| P001 | end_date | {{ today() }} | date | No |
| P003 | partition_date | {{ today() }} | date | No |
| P004 | batch_id | {{ run_id() }} | string | No |
| P005 | kpi_window_days | 30 | int | No |
| P006 | kafka_topic | loan_events | string | No |
| P006 | checkpoint_path | /mnt/checkpoints/loan | string | No |
| P003 | job_name | {{ job_name }} | string | No |
| P001 | sensitive_api_key | {{ secret('api_key') }} | string | Yes |
"""
Table = list[list[str]]


def cells(drawn: str) -> Table:
    """Header and rows of a drawn table."""
    lines = [line for line in drawn.splitlines() if line and not line.startswith("|---")]
    return [[c.strip() for c in line.removeprefix("|").removesuffix("|").split("|")] for line in lines]


def as_csv(table: Table, *, quote: bool = False, end: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL).writerows(
        table
    )
    return out.getvalue()


def template(dataset: str, **source: Any) -> dict[str, Any]:
    """A copy template of one column, as Azure Data Factory writes it."""
    copied = {
        "source": source
        or {
            "type": "JsonSource",
            "storeSettings": {"type": "AzureBlobFSReadSettings", "wildcardFolderPath": "crm/x"},
        },
        "sink": {"type": "ParquetSink"},
        "translator": {
            "type": "TabularTranslator",
            "mappings": [{"source": {"name": "Id"}, "sink": {"name": "id"}}],
        },
    }
    activity = {
        "name": "copy",
        "type": "Copy",
        "typeProperties": copied,
        "policy": {"retry": 0},
        "inputs": [{"referenceName": "crm", "type": "DatasetReference"}],
        "outputs": [{"referenceName": dataset, "type": "DatasetReference"}],
    }
    return {"name": "copy", "properties": {"activities": [activity], "annotations": []}}


@dataclass
class Tree:
    """A project with one pipeline `loans`; change a table, then `read`."""

    root: Path
    job: Table = field(default_factory=lambda: cells(JOB), repr=False)
    proc: Table = field(default_factory=lambda: cells(PROC), repr=False)
    param: Table = field(default_factory=lambda: cells(PARAM), repr=False)

    def __post_init__(self) -> None:
        mark(self.root)
        for row in self.proc[1:]:
            self.touch(row[3])

    def touch(self, path: str) -> None:
        """A file of its kind that makes one table, named after it."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        layer, _, table = file.stem.partition("_")
        files = {
            ".sql": f"CREATE OR REPLACE TABLE {layer}.{table} AS SELECT 1 AS one",
            ".json": json.dumps(template(f"bronze_{file.stem}")),
        }
        file.write_text(files.get(file.suffix, ""))

    def set(self, file: str, line: int, column: str, value: str) -> None:
        """`line` as in the file: the header is line 1."""
        table: Table = getattr(self, file)
        table[line - 1][table[0].index(column)] = value

    def write(self, file: str, text: str | bytes, pipeline: str = "loans") -> None:
        path = self.root / "pipelines" / pipeline / f"{file}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def read(self) -> tuple[dict[str, Pipeline], list[Fault]]:
        for file, table in (("job", self.job), ("proc", self.proc), ("proc_param", self.param)):
            self.write(file, as_csv(table))
        return read(self.root)

    def faults(self) -> list[Fault]:
        return self.read()[1]


def read(root: Path) -> tuple[dict[str, Pipeline], list[Fault]]:
    faults = Collector(root)
    pipelines = read_pipelines(faults)
    return pipelines, sorted(faults.faults)
