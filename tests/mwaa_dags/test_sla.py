"""Which jobs missed their SLA."""

from __future__ import annotations

from datetime import timedelta

from mwaa_dags.load import load
from mwaa_dags.sla import sla_misses
from tests.mwaa_dags.glue_runs import NOW, ended


def test_a_job_misses_its_sla_from_the_first_attempt_to_the_success() -> None:
    job = next(job for job in load("local").jobs if job.name == "fx_json_to_bronze")
    assert (job.timeout_minutes, job.sla_within(120), job.sla_within(8)) == (15, 11, 6)
    day = {"Arguments": {"--run-date": "2017-01-05"}}
    runs = [ended("SUCCEEDED", 0, 8, **day), ended("FAILED", 9, 8, **day), ended("FAILED", 900, 8, **day)]
    since = NOW - timedelta(minutes=60)
    assert sla_misses([job], {job.name: runs}, "2017-01-05", since, 120) == [
        "fx_json_to_bronze of 2017-01-05 took 17 min; its SLA is 11 min"
    ]
    assert sla_misses([job], {job.name: runs}, "2017-01-04", since, 120) == []
    assert sla_misses([job], {job.name: runs[:1]}, "2017-01-05", since, 120) == []
