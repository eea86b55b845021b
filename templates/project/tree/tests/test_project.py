"""The facts of the project are sound, and every pipeline has a job in each environment that it names."""

from __future__ import annotations

from pathlib import Path

from lakehouse.environments import load_environment
from lakehouse.pipelines import load_pipelines
from lakehouse.project import Project

PROJECT = Project.find(Path(__file__).parent)


def test_every_environment_can_be_read() -> None:
    for name in PROJECT.settings.environments:
        assert load_environment(name, PROJECT.root).project == PROJECT.settings.name


def test_jobs_wait_for_what_they_read() -> None:
    jobs = {job.name: job for job in load_pipelines(PROJECT.root)["meters"].jobs}
    assert jobs["daily_usage"].depends_on == ("meters_to_bronze",)
