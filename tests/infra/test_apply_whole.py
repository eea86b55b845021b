"""The whole stack of this project is applied once, unmodified; what takes longer than that is marked slow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cli.deploy.import_ids import ADOPTABLE
from glue_jobs.bundle import fetch_project
from glue_jobs.s3 import S3Uri
from infra.facts import read_facts
from lakehouse.environments import names
from lakehouse.platform_files import package_folder
from lakehouse.project import Project
from lakehouse.release import git_commit, running_release
from tests.infra import deployed_checks as checks
from tests.infra.deployment import Deployment, deployment, require_terraform

require_terraform()
JOB = "silver_to_gold"
# Only prod has a Kafka cluster of its own.
NOT_LOCAL = {"aws_msk_serverless_cluster"}


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One deploy for all tests of this module."""
    with deployment(Project.find(), tmp_path_factory.mktemp("account")) as whole:
        answer = whole.cdktf("deploy")
        assert answer.code == 0, answer.out[-3000:] + answer.err
        yield whole


def test_every_resource_is_made(target: Deployment) -> None:
    checks.assert_every_resource_is_in_the_state(target)


def test_a_resource_of_each_type_is_adopted_by_the_id_that_terraform_knows(target: Deployment) -> None:
    assert checks.assert_import_ids_are_those_of_the_state(target) == ADOPTABLE - NOT_LOCAL


def test_jobs_tables_grants_alarms_and_secrets_are_those_of_the_facts(target: Deployment) -> None:
    checks.assert_jobs_have_their_arguments(target)
    checks.assert_tables_have_their_columns(target)
    checks.assert_grants_are_those_of_grants_yml(target)
    checks.assert_nothing_is_open_by_default(target)
    checks.assert_every_job_has_alarms(target)
    checks.assert_secrets_have_values_that_the_state_has_not(target)


def test_a_job_finds_its_project_in_the_bundle_that_its_arguments_name(target: Deployment) -> None:
    job = target.client("glue").get_job(JobName=names.glue_job(target.env, JOB))["Job"]
    arguments = job["DefaultArguments"]
    folder = fetch_project(target.client("s3"), arguments["--bundle"], arguments["--release"])
    assert {job.name for job in read_facts("local", folder).jobs} == {job.name for job in target.facts.jobs}
    release = running_release(folder)
    assert release.engine in arguments["--additional-python-modules"]
    assert release.commit == git_commit(target.project.root)
    script = S3Uri.parse(job["Command"]["ScriptLocation"])
    body = target.client("s3").get_object(Bucket=script.bucket, Key=script.key)["Body"].read()
    assert body == (package_folder("glue_jobs") / "run.py").read_bytes()


@pytest.mark.slow
def test_a_second_plan_changes_nothing(target: Deployment) -> None:
    plan = target.cdktf("diff")
    assert plan.code == 0
    assert "No changes." in plan.out, plan.out[-3000:]


@pytest.mark.slow
def test_destroy_leaves_nothing(target: Deployment) -> None:
    """The last test: after it the account is empty."""
    answer = target.cdktf("destroy", "--auto-approve")
    assert answer.code == 0, answer.out[-3000:] + answer.err
    assert target.ids() == {}
    buckets = [bucket["Name"] for bucket in target.client("s3").list_buckets()["Buckets"]]
    assert buckets == [names.state_bucket(target.env)]
