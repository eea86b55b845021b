"""Real Terraform deploys a small project onto an embedded AWS, plans it again, changes and destroys it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cli.deploy.terraform_runner import run_terraform
from infra.app import synth
from infra.build.release import working_release
from infra.facts import read_facts
from lakehouse.environments import names
from lakehouse.project import Project
from tests.cli.calls import Answer
from tests.infra import deployed_checks as checks
from tests.infra.deployed_access import (
    assert_people_list_what_access_show_says,
    assert_people_read_what_access_show_says,
)
from tests.infra.deployed_release import deployed_text, job_definitions, release_objects
from tests.infra.deployment import Deployment, deployment, require_terraform
from tests.infra.small_project import FIRST_JOB, JOB, JOB_FILE, small_project
from tests.infra.synthesis import document, whole_stack

require_terraform()
SQL = "pipelines/monthly/sql/monthly_usage.sql"
FORGOTTEN = ("aws_backup_plan.backup", "aws_glue_catalog_table.table_gold_daily_usage_replica")


@dataclass(frozen=True)
class Deployed:
    """`interrupted` is the answer of the first deploy, `finished` that of the one after it."""

    target: Deployment
    interrupted: Answer
    finished: Answer


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """One deploy for all tests of this module, interrupted once."""
    project = Project(small_project(tmp_path_factory.mktemp("project").resolve()))
    _commit(project.root)
    # What does not depend on the project is not built again.
    if Project.find().build.is_dir():
        shutil.copytree(Project.find().build, project.build)
    with deployment(project, tmp_path_factory.mktemp("account")) as target:
        yield Deployed(target, target.interrupted_deploy(), target.finishing_deploy())


def _commit(root: Path) -> None:
    """Makes the project a repository: a release names its commit."""
    author = ("-c", "user.name=small", "-c", "user.email=small-team@example.com")
    for words in (("init", "--quiet"), ("add", "."), (*author, "commit", "--quiet", "-m", "small")):
        subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def target(deployed: Deployed) -> Deployment:
    return deployed.target


def test_the_small_stack_has_every_type_of_resource_of_the_whole_one(target: Deployment) -> None:
    assert set(document(target.stack)["resource"]) == set(document(whole_stack("local"))["resource"])


def test_an_interrupted_deploy_says_how_to_go_on(deployed: Deployed) -> None:
    assert deployed.interrupted.code == 1
    assert "RUN508" in deployed.interrupted.err
    assert "again finishes what was begun" in deployed.interrupted.err


def test_the_deploy_after_it_makes_every_resource(deployed: Deployed) -> None:
    assert deployed.finished.code == 0, deployed.finished.out[-3000:] + deployed.finished.err
    checks.assert_every_resource_is_in_the_state(deployed.target)


def test_a_resource_of_each_type_is_adopted_by_the_id_that_terraform_knows(target: Deployment) -> None:
    checks.assert_import_ids_are_those_of_the_state(target)


@pytest.mark.slow
def test_what_the_state_has_forgotten_is_adopted_again(target: Deployment) -> None:
    run_terraform(target.stack, target.env, ("state", "rm", *FORGOTTEN))
    assert not set(FORGOTTEN) & set(target.ids())
    adoption = target.cdktf("adopt", *FORGOTTEN)
    assert adoption.code == 0, adoption.out[-3000:] + adoption.err
    assert set(FORGOTTEN) <= set(target.ids())


def test_a_second_plan_changes_nothing(target: Deployment) -> None:
    plan = target.cdktf("diff")
    assert plan.code == 0
    assert re.findall(r"# (\S+) .*(?:will|must) be ", plan.out) == []
    assert "No changes." in plan.out, plan.out[-3000:]


def test_jobs_tables_grants_alarms_and_secrets_are_those_of_the_facts(target: Deployment) -> None:
    checks.assert_jobs_have_their_arguments(target)
    checks.assert_tables_have_their_columns(target)
    checks.assert_grants_are_those_of_grants_yml(target)
    checks.assert_nothing_is_open_by_default(target)
    checks.assert_every_job_has_alarms(target)
    checks.assert_secrets_have_values_that_the_state_has_not(target)


def test_people_read_in_athena_what_access_show_says(target: Deployment) -> None:
    assert_people_list_what_access_show_says(target)
    assert_people_read_what_access_show_says(target)


def test_what_is_written_reaches_the_second_region(target: Deployment) -> None:
    checks.assert_what_is_written_reaches_the_second_region(target)


def test_a_job_finds_its_project_in_the_bundle_that_its_arguments_name(target: Deployment) -> None:
    checks.assert_a_job_finds_its_project_in_its_bundle(target, JOB)


@pytest.mark.slow
def test_a_job_that_terraform_deployed_runs_on_the_embedded_glue(target: Deployment) -> None:
    answer = target.lakehouse("run", "--job", FIRST_JOB, "--run-date", "2024-01-02", "--json")
    assert answer.code == 0, answer.out + answer.err
    (outcome,) = json.loads(answer.out)
    assert (outcome["job"], outcome["status"]) == (FIRST_JOB, "done")
    name = names.glue_job(target.env, FIRST_JOB)
    (run,) = target.client("glue").get_job_runs(JobName=name)["JobRuns"]
    assert (run["JobRunState"], run["Arguments"]["--run-date"]) == ("SUCCEEDED", "2024-01-02")


def test_a_changed_job_row_changes_only_that_jobs_resources(
    target: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path.resolve() / "changed"
    shutil.copytree(target.project.root, root, ignore=shutil.ignore_patterns("cdktf.out"))
    jobs = root / JOB_FILE
    python = f"    python: transforms/{JOB}.py\n"
    shorter = jobs.read_text().replace(python, f"{python}    timeout_minutes: 23\n")
    assert shorter != jobs.read_text()
    jobs.write_text(shorter)
    # With the release that was deployed: every job names it in its arguments, and the changed job would make
    # another.
    facts = replace(read_facts("local", root), release=working_release(target.project.root))
    run_terraform(synth(facts, root / "cdktf.out"), target.env, ("plan",), whole=True)
    plan = capsys.readouterr().out
    changed = set(re.findall(r"^\s*# (\S+?)(?:\[.*\])? (?:will|must) be ", plan, re.MULTILINE))
    assert f"aws_glue_job.job_{JOB}" in changed
    # The functions read one document about all jobs, which has this one's deadline; the DAGs read its row.
    shared = {"aws_s3_object.object_watched", "terraform_data.dags"}
    assert {address for address in changed if JOB not in address} <= shared


@pytest.mark.slow
def test_rolled_back_release_is_what_jobs_get_and_nothing_of_the_later_one_is_deleted(
    target: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    root = target.project.root
    first, jobs_of_first = working_release(root), job_definitions(target)
    sql = root / SQL
    query = sql.read_text()
    sql.write_text(query.replace("SUM(kwh)", "MAX(kwh)"))
    answer = target.cdktf("deploy")
    assert answer.code == 0, answer.out[-3000:] + answer.err
    second, stored = working_release(root), release_objects(target)
    assert (second.engine, second.bundle != first.bundle) == (first.engine, True)
    assert "MAX(kwh)" in deployed_text(target, SQL)
    answer = target.lakehouse("deploy", "--auto-approve", "--artifacts", first.digest[:12])
    assert answer.code == 0, answer.out[-3000:] + answer.err
    assert f"release   {first.digest[:12]}" in answer.out
    assert f"previous  {second.digest[:12]}" in answer.out
    assert job_definitions(target) == jobs_of_first
    assert deployed_text(target, SQL) == query
    assert release_objects(target) == stored
    facts = replace(read_facts("local", root), release=first)
    run_terraform(synth(facts, target.project.synthesized), target.env, ("plan",), whole=True)
    assert "No changes." in capsys.readouterr().out


@pytest.mark.slow
def test_destroy_leaves_nothing(target: Deployment) -> None:
    """The last test: after it the account is empty."""
    answer = target.cdktf("destroy", "--auto-approve")
    assert answer.code == 0, answer.out[-3000:] + answer.err
    assert target.ids() == {}
    assert target.client("glue").get_jobs()["Jobs"] == []
    buckets = [bucket["Name"] for bucket in target.client("s3").list_buckets()["Buckets"]]
    assert buckets == [names.state_bucket(target.env)]
