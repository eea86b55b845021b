"""S3's batch jobs are followed to their end, and what they did not copy is an error.

botocore's own models judge every request and answer.
"""

from __future__ import annotations

from typing import Any

import pytest

from cli.recovery import batch_copy
from cli.recovery.batch_copy import BatchCopy
from lakehouse.environments import load_environment, names
from lakehouse.environments.names import Zone
from tests.cli.recovery.conftest import Stubs

PROD = load_environment("prod")
JOB = {"AccountId": PROD.account, "JobId": "1a2b3c"}
NO_KEYS = "Manifest generation found no keys matching the filter criteria."


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_copy, "FIRST_LOOK", 0.0)


def _looked_at(aws: Stubs, status: str, copied: int = 0, failed: int = 0, reason: str = "") -> None:
    counts = {"NumberOfTasksSucceeded": copied, "NumberOfTasksFailed": failed}
    reasons = [{"FailureCode": "x", "FailureReason": reason}] if reason else []
    job: dict[str, Any] = {"Status": status, "ProgressSummary": counts, "FailureReasons": reasons}
    aws["s3control"].add_response("describe_job", {"Job": job}, JOB)


@pytest.mark.parametrize(
    ("end", "is_fault", "text"),
    [
        (("Complete", 12, 0, ""), False, "Complete, 12 copied, 0 failed"),
        (("Complete", 12, 3, ""), True, "Complete, 12 copied, 3 failed"),
        (("Failed", 0, 0, NO_KEYS), False, "nothing to copy"),
        (("Failed", 0, 0, "no right"), True, "Failed, 0 copied, 0 failed: no right"),
        (("Cancelled", 1, 0, ""), True, "Cancelled, 1 copied, 0 failed"),
    ],
)
def test_end_of_a_job_is_told(aws: Stubs, end: tuple[str, int, int, str], is_fault: bool, text: str) -> None:
    for status in ("New", "Preparing", "Active"):
        _looked_at(aws, status)
    _looked_at(aws, *end)
    outcome = BatchCopy(PROD, Zone.GOLD, JOB["JobId"]).ended()
    assert (outcome.is_fault, outcome.text) == (is_fault, f"{names.bucket(PROD, Zone.GOLD)}: {text}")
