"""A query of a person runs in the workgroup of the person's role."""

from __future__ import annotations

import pytest

from cli.tables.query import workgroup_of
from lakehouse.environments import load_environment

STS = "arn:aws:sts::000000000003:assumed-role"


@pytest.mark.parametrize(
    ("caller", "workgroup"),
    [
        (f"{STS}/lakehouse-prod-analyst/me@company.com", "lakehouse-prod-analyst"),
        (f"{STS}/lakehouse-prod-data_engineer/me", "lakehouse-prod-data_engineer"),
        # Who may not query has no workgroup: Athena refuses the platform's.
        (f"{STS}/lakehouse-prod-operators/me", "lakehouse-prod"),
        (f"{STS}/lakehouse-dev-analyst/me", "lakehouse-prod"),
        (f"{STS}/Admin/lakehouse-prod-analyst", "lakehouse-prod"),
        ("arn:aws:iam::000000000003:user/analyst", "lakehouse-prod"),
    ],
)
def test_the_workgroup_of_a_role(caller: str, workgroup: str) -> None:
    assert workgroup_of(load_environment("prod"), caller) == workgroup
