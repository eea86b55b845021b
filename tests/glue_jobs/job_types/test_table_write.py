"""What a contract masks is masked whichever way its table is written."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from datetime import datetime
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.run_context import RunContext
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract
from tests.glue_jobs.job_types.test_write_modes import stored, write
from tests.glue_jobs.run_harness import job, run_context, schemas

COLUMNS: dict[str, Any] = {
    "id": {"type": "integer"},
    "day": {"type": "string", "format": "date"},
    "email": {"type": ["string", "null"], "format": "email", "x-lake": {"mask": "hash"}},
    "phone": {"type": ["string", "null"], "x-lake": {"mask": "partial"}},
    "sex": {"type": ["string", "null"], "x-lake": {"mask": "clear"}},
    "changed_at": {"type": "string", "format": "date-time"},
}
DDL = "id bigint, day date, email string, phone string, sex string, changed_at timestamp"


@pytest.fixture
def run(local_env: Environment, spark: SparkSession) -> RunContext:
    return run_context(local_env, job(f"masks_{uuid.uuid4().hex[:8]}"), schemas(), spark)


def hashed(run: RunContext, value: str) -> str:
    key = bytes.fromhex(run.secrets.get("pii_key")["key"])
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("mode", ["merge", "replace", "recompute"])
def test_each_write_of_a_table_masks_what_its_contract_says(mode: str, run: RunContext) -> None:
    more = {"partition_by": ["day"], "recompute_by": "day"} if mode == "recompute" else {}
    people = contract(f"gold.{run.job.name}", COLUMNS, write=mode, **more)
    for batch in (1, 2):
        at = datetime(2017, 1, 31, batch)
        values = (1, at.date(), f"Canary{batch}@x.example", "555-0142", "F", at)
        broken = (2, at.date(), "no address", None, None, at)
        counts = write(run, people, DDL, values, broken)
        assert (counts.rows_in, counts.written, counts.quarantined) == (2, 1, 1)
        address = hashed(run, f"canary{batch}@x.example")
        assert stored(run, people, "id", "email", "phone", "sex") == [(1, address, "***42", "F")]
