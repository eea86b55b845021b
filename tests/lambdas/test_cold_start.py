"""A function that starts cold loads what it needs and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lakehouse.environments.control import AUDIT_BY_DATE
from lambdas.common.audit import BY_DATE

# yaml and the fact rooms: the facts came as JSON. boto3, Slack and X-Ray: loaded by the event that needs them.
HEAVY = [
    "yaml",
    "environments",
    "pipelines",
    "schemas",
    "facts",
    "boto3",
    "botocore.client",
    "slack_sdk",
    "aws_xray_sdk",
    "requests",
    "jsonschema",
]


@pytest.mark.parametrize("name", ["sla_notifier", "sla_checker"])
def test_importing_a_handler_loads_nothing_heavy(name: str) -> None:
    code = f"import sys, lambdas.{name}.handler; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_functions_read_the_audit_by_the_index_that_the_platform_makes() -> None:
    assert BY_DATE == AUDIT_BY_DATE
