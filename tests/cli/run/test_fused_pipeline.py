"""`lakehouse run --pipeline` of a fused pipeline starts its one run, and shows each job by the audit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from cli.run import deployed
from cli.run.deployed import run_deployed
from cli.run.outcome import Outcome
from cli.run.request import JobsRequest
from cli.run.units import planned
from glue_jobs.state.run_row import RunRow, Status
from infra.facts import Facts, read_facts
from lakehouse.pipelines import Job
from lakehouse.project import VARIABLE
from tests.infra.executions import Executions, executions, without_airflow
from tests.infra.job_parts import copied

DAY = date(2017, 1, 31)
PIPELINE, FUSED = "crm", "crm_fused"
LATER = "2999-01-01T00:00:00.000+00:00"


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """This project, whose pipeline crm is fused, in moto's account and without Airflow."""
    root = copied(tmp_path_factory.mktemp("fused"))
    (root / "pipelines" / PIPELINE / "settings.yml").write_text("fuse: true\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deployed, "_LOOK_SECONDS", 0.2)
        patch.setenv(VARIABLE, str(root))
        patch.setenv("LAKEHOUSE_LOGS", str(tmp_path_factory.mktemp("logs")))
        yield without_airflow(read_facts("dev", root))


@pytest.fixture
def account(facts: Facts) -> Iterator[Executions]:
    with executions(facts.env) as made:
        (dag,) = [dag for dag in facts.dags if dag.pipeline == PIPELINE]
        assert dag.fused
        for wait in dag.fused.waits:
            made.audited(wait.task_id, DAY.isoformat())
        made.create(dag)
        yield made


def _jobs(facts: Facts) -> list[Job]:
    return [job for job in facts.jobs if job.pipeline == PIPELINE and not job.members]


def _run(facts: Facts) -> list[Outcome]:
    return run_deployed(facts.env, _jobs(facts), JobsRequest(DAY, whole=True), quiet=True)


def _ended(account: Executions, job: str, status: Status, error: str = "") -> None:
    account.add_row(RunRow(job, job, PIPELINE, DAY, started_at=LATER, status=status, error=error))


@pytest.mark.parametrize("orchestrator", ["none", "mwaa"])
def test_a_whole_fused_pipeline_is_one_unit_and_its_jobs_alone_are_not(
    facts: Facts, orchestrator: str
) -> None:
    stack = facts.env.stack.model_copy(update={"orchestrator": orchestrator})
    env, jobs = facts.env.model_copy(update={"stack": stack}), _jobs(facts)
    (unit,) = planned(env, jobs, JobsRequest(DAY, whole=True))
    assert unit.dag
    assert unit.dag.fused
    assert unit.dag.fused.job.name == FUSED
    assert unit.job_names == {job.name for job in jobs}
    for request in (JobsRequest(DAY), JobsRequest(DAY, whole=True, force=("bronze.crm_customers",))):
        assert [unit.dag for unit in planned(env, jobs, request)] == [None] * len(jobs)


def test_one_run_ends_every_job(facts: Facts, account: Executions) -> None:
    account.deploy([FUSED])
    jobs = [job.name for job in _jobs(facts)]
    for job in jobs:
        _ended(account, job, Status.SUCCEEDED)
    assert {o.job: o.status for o in _run(facts)} == dict.fromkeys(jobs, "done")
    assert account.runs(FUSED) == [{"--run-date": "2017-01-31"}]


def test_failed_run_says_which_job_failed_and_which_never_began(facts: Facts, account: Executions) -> None:
    first, second, *others = [job.name for job in _jobs(facts)]
    _ended(account, first, Status.SUCCEEDED)
    _ended(account, second, Status.FAILED, "RUN101 it broke")
    outcomes = {o.job: o for o in _run(facts)}
    assert (outcomes[first].status, outcomes[second].status) == ("done", "failed")
    assert "RUN101 it broke" in outcomes[second].error
    assert [outcomes[job].status for job in others] == ["skipped"] * len(others)


def test_failed_run_without_a_failed_job_says_how_it_ended(facts: Facts, account: Executions) -> None:
    first, *others = _run(facts)
    assert (first.status, [o.status for o in others]) == ("failed", ["skipped"] * len(others))
    assert f"{FUSED} FAILED" in first.error
