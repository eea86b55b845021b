"""Gates judge every table of retail, the CRM, the loans and the traffic events, bronze among them."""

from __future__ import annotations

import pytest

from lakehouse.pipelines import load_pipelines
from lakehouse.pipelines.job_type import JobType

JOBS = [job for pipeline in load_pipelines().values() for job in pipeline.jobs]
GATES = [job for job in JOBS if job.type is JobType.GATE]
PIPELINES = ("retail", "crm", "customer_features", "loans", "kafka_traffic_pipeline")
TABLES = sorted(
    {t for name in PIPELINES for job in load_pipelines()[name].jobs if not job.continuous for t in job.writes}
)


@pytest.mark.parametrize("table", TABLES)
def test_a_gate_judges_the_table_in_every_environment_that_writes_it(table: str) -> None:
    gates = {env for gate in GATES if table in gate.reads for env in gate.environments}
    assert gates >= {env for job in JOBS if table in job.writes for env in job.environments}
