"""A pipeline is its files: the README's example, added to a copy of this project, needs no other edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.facts import read_facts
from infra.parts.alerting import job_catalog
from infra.preflight import preflight
from lakehouse.pipelines import load_pipelines
from lakehouse.pipelines.job_needs import job_needs
from lakehouse.project import Project, project_root
from mwaa_dags.load import load
from tests.cli.calls import Call
from tests.project_marker import copy_project
from tests.readme_example import add_example

ENVIRONMENTS = Project.find().settings.environments
JOB, PIPELINE, DAG = "store_sales", "stores", "stores_daily"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return add_example(copy_project(tmp_path_factory.mktemp("added") / "project"))


def test_the_project_is_valid_with_it(lakehouse: Call, root: Path) -> None:
    answer = lakehouse("validate", "--project", str(root))
    assert (answer.code, answer.err) == (0, "")
    before = {name: len(p.jobs) for name, p in load_pipelines().items()}
    assert {name: len(p.jobs) for name, p in load_pipelines(root).items()} == {**before, PIPELINE: 1}


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_it_has_a_dag_in_every_environment_and_changes_no_other(env: str, root: Path) -> None:
    loaded, before = load(env, root), load(env, project_root())
    assert loaded.faults == before.faults == ()
    dags = {dag.dag_id: [task.job.name for task in dag.tasks] for dag in loaded.dags}
    assert dags == {**{dag.dag_id: [t.job.name for t in dag.tasks] for dag in before.dags}, DAG: [JOB]}
    (task,) = next(dag for dag in loaded.dags if dag.dag_id == DAG).tasks
    # silver.orders is read when the gate has judged it.
    assert [w.task_id for w in task.waits] == ["bronze_to_silver", "dq_silver_gate"]


@pytest.mark.parametrize("env", [e for e in ENVIRONMENTS if e != "local"])
def test_the_stack_deploys_it_with_the_rights_and_alarms_of_its_facts(env: str, root: Path) -> None:
    facts = read_facts(env, root)
    preflight(facts)
    job = next(j for j in facts.jobs if j.name == JOB)
    needs = job_needs(job, facts.schemas, facts.env)
    assert {(p.zone, p.path) for p in needs.reads} == {("silver", "orders"), ("artifacts", "code")}
    assert ("gold", JOB) in {(p.zone, p.path) for p in needs.writes}
    assert needs.watermarks == ("store_sales.gold.store_sales", "replay.gold.store_sales")
    assert needs.leases == ("gold.store_sales",)
    assert JOB in str(job_catalog.document(facts))


def test_its_pages_are_made_by_one_command(lakehouse: Call, root: Path) -> None:
    project = ("--project", str(root))
    assert lakehouse("access", "page", *project).code == 0
    assert lakehouse("access", "page", "--check", *project).code == 0
    shown = lakehouse("pipeline", "show", PIPELINE, *project)
    assert (shown.code, shown.err) == (0, "")
    assert "gold.store_sales" in shown.out
