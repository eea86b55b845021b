"""The runs that a real Airflow does, and what it said of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from lakehouse.pipelines import load_pipelines
from tests.mwaa_dags.moto_glue import Cloud
from tests.mwaa_dags.pipeline_files import FUSED
from tests.mwaa_dags.real_airflow import Airflow

PIPELINES = load_pipelines()
GOOD, BAD = "2017-01-05", "2017-01-06"
AT_TWO, AT_THREE, AT_FOUR = f"{GOOD}T02:00+00:00", f"{GOOD}T03:00+00:00", f"{GOOD}T04:00+00:00"


DEPLOYED = [job.name for pipeline in PIPELINES.values() for job in pipeline.jobs] + [f"{FUSED}_fused"]


# A day of a backfill whose run fails.
STOPPED = "2017-02-11"


RANGE = {"from": "2017-02-01", "to": "2017-02-02", "jobs": ["silver_to_gold", "bronze_to_silver"]}


STREAM_CHECKS = [f"{GOOD}T00:{minute:02}+00:00" for minute in (0, 5, 10)]


STOPPED_RANGE = {**RANGE, "from": STOPPED, "to": "2017-02-12", "dry_run": False}


INVALID = {"from": "2017-02-02", "to": "2017-02-01", "jobs": ["bronze_to_silvr"]}


RUNS: dict[str, dict[str, Any]] = {
    "good": {"dag": "retail_daily", "date": AT_TWO},
    "bad": {"dag": "retail_daily", "date": f"{BAD}T02:00+00:00"},
    "waits": {"dag": "adf_loan_book_dag", "date": AT_THREE},
    "upstream": {"dag": "adf_loan_app_dag", "date": AT_TWO},
    "follows": {"dag": "adf_loan_book_dag", "date": AT_THREE},
    "not judged": {"dag": "airflow_bronze_dag", "date": AT_FOUR},
    "judged": {"dag": "loan_sources_quality", "date": AT_FOUR},
    "bronze": {"dag": "airflow_bronze_dag", "date": AT_FOUR},
    "traffic": {"dag": "kafka_traffic_pipeline", "date": AT_FOUR},
    "lakebase": {"dag": "kafka_to_lakebase", "date": STREAM_CHECKS[0]},
    "lakebase again": {"dag": "kafka_to_lakebase", "date": STREAM_CHECKS[1]},
    "maintenance": {"dag": "maintenance", "date": f"{GOOD}T20:00+00:00"},
    "fused": {"dag": FUSED, "date": AT_TWO},
    "fused badly": {"dag": FUSED, "date": f"{BAD}T02:00+00:00"},
    "undeployed": {"dag": "undeployed_dag", "date": AT_TWO},
    "absent": {"dag": "airflow_streaming_dag", "date": STREAM_CHECKS[0]},
    "failed": {"dag": "airflow_streaming_dag", "date": STREAM_CHECKS[1]},
    "running": {"dag": "airflow_streaming_dag", "date": STREAM_CHECKS[2]},
    "broken": {"dag": "fault_broken", "date": f"{GOOD}T00:00+00:00"},
    "dry": {"dag": "backfill", "date": "2017-03-01T00:00+00:00", "conf": RANGE},
    "backfill": {"dag": "backfill", "date": "2017-03-02T00:00+00:00", "conf": {**RANGE, "dry_run": False}},
    "stopped": {"dag": "backfill", "date": "2017-03-04T00:00+00:00", "conf": STOPPED_RANGE},
    "invalid": {"dag": "backfill", "date": "2017-03-03T00:00+00:00", "conf": INVALID},
}


@dataclass(frozen=True)
class Ran:
    """How each run ended, and what AWS recorded."""

    of: dict[str, Any]
    cloud: Cloud
    airflow: Airflow

    def alerts(self, dag: str) -> list[dict[str, str]]:
        alerts = [json.loads(message) for _, message in self.cloud.published()]
        return [alert for alert in alerts if alert["dag"] == dag]
