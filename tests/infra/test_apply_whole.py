"""The whole stack of this project is applied, planned again and destroyed, unmodified.

test_apply.py proves the same with a small project that has every type of resource.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lakehouse.environments import names
from lakehouse.project import Project
from tests.infra import deployed_checks as checks
from tests.infra.deployment import Deployment, deployment, require_terraform

pytestmark = pytest.mark.slow
require_terraform()
JOB = "silver_to_gold"


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
    checks.assert_import_ids_are_those_of_the_state(target)


def test_jobs_tables_grants_alarms_and_secrets_are_those_of_the_facts(target: Deployment) -> None:
    checks.assert_jobs_have_their_arguments(target)
    checks.assert_tables_have_their_columns(target)
    checks.assert_grants_are_those_of_grants_yml(target)
    checks.assert_nothing_is_open_by_default(target)
    checks.assert_every_job_has_alarms(target)
    checks.assert_secrets_have_values_that_the_state_has_not(target)


def test_a_job_finds_its_project_in_the_bundle_that_its_arguments_name(target: Deployment) -> None:
    checks.assert_a_job_finds_its_project_in_its_bundle(target, JOB)


def test_a_second_plan_changes_nothing(target: Deployment) -> None:
    plan = target.cdktf("diff")
    assert plan.code == 0
    assert "No changes." in plan.out, plan.out[-3000:]


def test_destroy_leaves_nothing(target: Deployment) -> None:
    """The last test: after it the account is empty."""
    answer = target.cdktf("destroy", "--auto-approve")
    assert answer.code == 0, answer.out[-3000:] + answer.err
    assert target.ids() == {}
    buckets = [bucket["Name"] for bucket in target.client("s3").list_buckets()["Buckets"]]
    assert buckets == [names.state_bucket(target.env)]
