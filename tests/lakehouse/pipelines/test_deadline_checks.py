"""An SLA that no run can miss is a fault of each environment whose runs end sooner."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.pipelines import load_pipelines
from tests.cli.calls import Call
from tests.project_marker import copy_project


def declared(root: Path, minutes: int) -> Path:
    """A copy of the project in which silver_to_gold, of 90 minutes, states its SLA."""
    file = copy_project(root) / "pipelines/retail/proc_param.csv"
    with file.open("a", encoding="utf-8") as rows:
        rows.write(f"RP008,sla_minutes,{minutes},int,Gold is read at six,No\n")
    return root


@pytest.mark.parametrize(
    ("minutes", "ends"),
    [(59, {}), (60, {"staging": 60}), (90, {"staging": 60, "prod": 90}), (0, {"staging": 60, "prod": 90})],
)
def test_validate_names_each_environment_whose_alarm_would_never_fire(
    lakehouse: Call, tmp_path: Path, minutes: int, ends: dict[str, int]
) -> None:
    root = declared(tmp_path / "project", minutes)
    answer = lakehouse("validate", "--project", str(root))
    expected = [
        f"pipelines/retail/job.csv:9: LK504 sla_minutes of job 'silver_to_gold' is {minutes}; "
        f"{env} ends its runs after {end} min; wanted 1 to {end - 1}"
        for env, end in ends.items()
    ]
    assert sorted(answer.err.splitlines()) == sorted(expected)


def test_a_batch_of_loyalty_has_10800_seconds_in_every_environment() -> None:
    for job in load_pipelines()["kafka_traffic_pipeline"].jobs:
        assert [job.ends_within(minutes) * 60 for minutes in (30, 60, 120)] == [10_800] * 3
