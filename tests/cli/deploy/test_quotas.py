"""Quotas of Glue are compared with what all pipelines of an environment take at once.

The answers of Service Quotas are checked by botocore's own model.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cli.deploy.quotas import DPUS, RUNS, needed, shortages
from glue_jobs.aws import Aws
from lakehouse.environments import load_environment
from lakehouse.pipelines import load_pipelines

DEV = load_environment("dev")
PIPELINES = load_pipelines()


@pytest.fixture
def quotas(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client(
        "service-quotas", region_name=DEV.region, aws_access_key_id="k", aws_secret_access_key="s"
    )
    monkeypatch.setattr(Aws, "client", lambda self, service: client)
    with Stubber(client) as stub:
        yield stub


def _answer(stub: Stubber, values: dict[str, float]) -> None:
    quotas: list[dict[str, Any]] = [{"QuotaName": name, "Value": value} for name, value in values.items()]
    stub.add_response("list_service_quotas", {"Quotas": quotas}, {"ServiceCode": "glue"})


def test_a_job_of_each_wave_and_every_stream_count() -> None:
    one = needed(DEV, [PIPELINES["retail"]])
    widest = max(len(wave) for wave in PIPELINES["retail"].levels())
    assert one[RUNS] == widest
    assert one[DPUS] == widest * DEV.glue.workers
    assert needed(DEV, PIPELINES.values())[RUNS] > one[RUNS]


def test_quotas_that_suffice_are_no_shortage(quotas: Stubber) -> None:
    _answer(quotas, {RUNS: 1000, DPUS: 10000, "Max jobs per account": 1})
    assert shortages(DEV, PIPELINES.values()) == ""


def test_a_quota_that_is_too_small_is_named_with_what_is_needed(quotas: Stubber) -> None:
    _answer(quotas, {RUNS.lower(): 1, DPUS: 10000})
    number = needed(DEV, PIPELINES.values())[RUNS]
    assert shortages(DEV, PIPELINES.values()) == f"{RUNS} is 1, and all pipelines at once take {number:g}"
