"""checkov reads the stacks and finds nothing; each of the platform's checks can fail."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.terraform import checkov
from lakehouse.project import Project
from tests.checks.fixtures import BAD, GOOD, stack_of
from tests.infra.small_project import small_project
from tests.infra.synthesis import document, whole_stack

ENVIRONMENTS = tuple(Project.find().settings.environments)
MAX_SKIPS = 11
TYPES_WITH_CHECKS = (
    "aws_s3_bucket",
    "aws_kms_key",
    "aws_iam_role",
    "aws_glue_job",
    "aws_lakeformation_permissions",
    "aws_mwaa_environment",
)


def test_no_check_fails_in_the_small_stack_and_every_resource_is_read(tmp_path: Path) -> None:
    """The small stack has a resource of every type; the whole stacks are read at night."""
    root = small_project((tmp_path / "project").resolve())
    stack = whole_stack("dev", root)
    shutil.copytree(stack, tmp_path / "stacks" / stack.name)
    report = checkov.check(tmp_path / "stacks")
    assert [str(finding) for finding in report.failed] == []
    _assert_every_resource_was_read(report, stack)


@pytest.mark.slow
def test_no_check_fails_in_a_stack_without_airflow(tmp_path: Path, without_airflow: Path) -> None:
    stack = whole_stack("dev", without_airflow)
    shutil.copytree(stack, tmp_path / stack.name)
    report = checkov.check(tmp_path)
    assert [str(finding) for finding in report.failed] == []
    _assert_every_resource_was_read(report, stack)


@pytest.mark.slow
def test_no_check_fails_every_resource_is_read_and_each_skip_is_needed(tmp_path: Path) -> None:
    stacks = [whole_stack(env) for env in ENVIRONMENTS]
    for stack in stacks:
        shutil.copytree(stack, tmp_path / stack.name)
    report = checkov.check(tmp_path)
    assert [str(finding) for finding in report.failed] == []
    for stack in stacks:
        _assert_every_resource_was_read(report, stack)
    assert [s.check for s in checkov.read_skips() if not any(s.covers(f) for f in report.skipped)] == []


def _assert_every_resource_was_read(report: checkov.Report, stack: Path) -> None:
    resources = document(stack)["resource"]
    evaluated = {address for name, address in report.evaluated if name == stack.name}
    for kind in TYPES_WITH_CHECKS:
        assert {f"{kind}.{name}" for name in resources.get(kind, {})} <= evaluated
    assert len(evaluated) > 40


def test_skips_are_few_and_there_is_one_for_each_check() -> None:
    checks = [skip.check for skip in checkov.read_skips()]
    assert len(checks) <= MAX_SKIPS
    assert sorted(set(checks)) == sorted(checks)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The platform's checks on the fixtures: check → fixture → PASSED or FAILED."""
    folder = tmp_path_factory.mktemp("fixtures")
    for name, resources in {**GOOD, **BAD}.items():
        (folder / name).mkdir()
        (folder / name / "cdk.tf.json").write_text(json.dumps(stack_of(resources)))
    answer = checkov.run(folder, "--check", "CKV_LAKE_*")
    items: list[dict[str, Any]] = [*answer["passed_checks"], *answer["failed_checks"]]
    by_check: dict[str, dict[str, str]] = {}
    for item in items:
        fixtures = by_check.setdefault(item["check_id"], {})
        # Failed comes last in `items`, and wins where a check read several resources of a fixture.
        fixtures[Path(item["file_path"]).parent.name] = item["check_result"]["result"]
    return by_check


def test_each_check_of_the_platform_has_fixtures(results: dict[str, dict[str, str]]) -> None:
    assert len(results) >= 10
    assert {name.split("-")[0] for name in BAD} == set(results)


@pytest.mark.parametrize("name", BAD)
def test_a_check_fails_on_what_it_is_for(results: dict[str, dict[str, str]], name: str) -> None:
    assert results[name.split("-")[0]][name] == "FAILED"


@pytest.mark.parametrize("name", GOOD)
def test_no_check_fails_on_a_sound_resource(results: dict[str, dict[str, str]], name: str) -> None:
    of_fixture = {check: fixtures[name] for check, fixtures in results.items() if name in fixtures}
    assert of_fixture
    assert set(of_fixture.values()) == {"PASSED"}
