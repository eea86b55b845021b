"""A cold start imports no slow package."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lakehouse.environments.control import AUDIT_BY_DATE
from lambdas.common.audit import BY_DATE

# The catalog is JSON, so no reader of facts is needed. Events load boto3, Slack and X-Ray when needed.
SLOW = [
    "yaml",
    "lakehouse",
    "boto3",
    "botocore.client",
    "slack_sdk",
    "aws_xray_sdk",
    "requests",
    "jsonschema",
]


@pytest.mark.parametrize("name", ["sla_notifier", "sla_checker", "start_run"])
def test_importing_a_handler_loads_no_slow_package(name: str) -> None:
    code = f"import sys, lambdas.{name}.handler; print(*[m for m in {SLOW!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_functions_query_the_index_that_the_stack_creates() -> None:
    assert BY_DATE == AUDIT_BY_DATE
