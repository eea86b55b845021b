"""The second project, once for the folder: its steps build on one another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.project.second_project import DAY, NAME, SecondProject, make_project
from tests.project.usage_out import add_usage_out


@pytest.fixture(scope="package")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecondProject]:
    project = make_project(tmp_path_factory.mktemp("team") / "riverside")
    add_usage_out(project.root)
    yield project
    project.command("lakehouse", "local", "down")


@pytest.fixture(scope="package")
def loaded(project: SecondProject) -> Iterator[SecondProject]:
    """The project with a local platform of its own, and two days of its sample data."""
    project.command("lakehouse", "local", "up", "--idle-minutes", "10")
    days = ("--from", "2024-01-01", "--to", DAY)
    summary = project.json("sample", "load", "--env", "local", *days, "--dirt", "0.05")
    assert summary["rows"] == {"meter_readings": 20 * 24 * 2}
    assert summary["dirt"] == [{"source": "meter_readings", "kind": "no_meter", "rows": 48}]
    yield project
    project.command("lakehouse", "local", "down")


@pytest.fixture(scope="package")
def computed(loaded: SecondProject) -> dict[str, Any]:
    """The outcomes of the pipeline `meters`, by job."""
    return loaded.outcomes("meters")


@pytest.fixture(scope="package")
def billed(loaded: SecondProject, computed: dict[str, Any]) -> dict[str, Any]:
    """The outcomes of the pipeline `billing`, which runs after `meters`."""
    assert computed["daily_usage"]["status"] == "done"
    return loaded.outcomes("billing")


@pytest.fixture(scope="package")
def synthesized(project: SecondProject) -> Path:
    project.command("cdktf", "synth", "--env", "prod-eu")
    return project.root / "cdktf.out" / "stacks" / f"{NAME}-prod-eu"
