"""The pages that Airflow shows."""

from __future__ import annotations

import pytest

from lakehouse.environments import load_environment
from lakehouse.project import project_root
from mwaa_dags import docs
from mwaa_dags.load import load

LOADED = load("local")


def test_the_page_of_a_job_shows_the_call_that_reads_a_secret_and_not_its_value() -> None:
    job = next(job for job in LOADED.jobs if job.name == "bronze_to_silver")
    assert "| `pii_key` | `{{ secret('pii_key') }}` |" in docs.of_job(job)


@pytest.mark.parametrize("spec", LOADED.dags, ids=lambda spec: spec.dag_id)
def test_the_page_of_a_dag_links_runbooks_that_exist(spec: docs.DagSpec) -> None:
    page = docs.of_dag(load_environment("local"), spec)
    runbooks = docs.runbooks(spec).values()
    assert ("maintenance" in runbooks) == any(task.job.maintains for task in spec.tasks)
    assert ("streaming-restart" in runbooks) == (spec.kind == "streaming")
    for name in runbooks:
        assert f"runbooks/{name}.md" in page
        assert (project_root() / "docs" / "runbooks" / f"{name}.md").is_file()
