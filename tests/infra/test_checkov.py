"""checkov finds nothing in the stack of any environment, and really looks; each check of our own can fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.app import synth
from infra.facts import read_facts
from infra.terraform import checkov
from lakehouse.project import Project
from tests.checks.fixtures import BAD, GOOD, stack_of

NAMES = tuple(Project.find().settings.environments)

MOST_SKIPS = 10


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the stack of every environment."""
    out = tmp_path_factory.mktemp("stacks")
    for env in NAMES:
        synth(read_facts(env), out)
    return out / "stacks"


@pytest.fixture(scope="module")
def report(stacks: Path) -> checkov.Report:
    return checkov.check(stacks)


@pytest.mark.parametrize("env", NAMES)
def test_no_check_fails(report: checkov.Report, env: str) -> None:
    assert [str(f) for f in report.failed if f.stack.endswith(f"-{env}")] == []


@pytest.mark.parametrize("env", NAMES)
def test_every_kind_of_resource_that_has_a_check_was_looked_at(
    report: checkov.Report, stacks: Path, env: str
) -> None:
    (folder,) = stacks.glob(f"*-{env}")
    resources = json.loads((folder / "cdk.tf.json").read_text())["resource"]
    looked = {resource for stack, resource in report.evaluated if stack == folder.name}
    for kind in (
        "aws_s3_bucket",
        "aws_kms_key",
        "aws_iam_role",
        "aws_glue_job",
        "aws_lakeformation_permissions",
        "aws_mwaa_environment",
    ):
        stated = {f"{kind}.{name}" for name in resources.get(kind, {})}
        assert stated <= looked, kind
    assert len(looked) > 40


def test_skips_are_few_and_each_is_needed(report: checkov.Report) -> None:
    skips = checkov.read_skips()
    assert len(skips) <= MOST_SKIPS
    assert [s.check for s in skips if not any(s.covers(f) for f in report.skipped)] == []
    assert sorted({s.check for s in skips}) == sorted(s.check for s in skips), "one entry for each check"


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Which of our checks passed and failed for which fixture: check → fixture → PASSED or FAILED."""
    folder = tmp_path_factory.mktemp("fixtures")
    for name, resources in {**GOOD, **BAD}.items():
        (folder / name).mkdir()
        (folder / name / "cdk.tf.json").write_text(json.dumps(stack_of(resources)))
    found: dict[str, dict[str, str]] = {}
    results = checkov.run(folder, "--check", "CKV_LAKE_*")
    items: list[dict[str, Any]] = [*results["passed_checks"], *results["failed_checks"]]
    for item in items:
        fixture = Path(item["file_path"]).parent.name
        of_check = found.setdefault(item["check_id"], {})
        if of_check.get(fixture) != "FAILED":
            of_check[fixture] = item["check_result"]["result"]
    return found


def test_our_checks_are_those_that_have_fixtures(tried: dict[str, dict[str, str]]) -> None:
    assert len(tried) >= 10
    assert {name.split("-")[0] for name in BAD} == set(tried)


@pytest.mark.parametrize("name", BAD)
def test_a_check_fails_on_what_it_is_for(tried: dict[str, dict[str, str]], name: str) -> None:
    assert tried[name.split("-")[0]][name] == "FAILED"


@pytest.mark.parametrize("name", GOOD)
def test_no_check_fails_on_what_is_right(tried: dict[str, dict[str, str]], name: str) -> None:
    of_fixture = {check: results[name] for check, results in tried.items() if name in results}
    assert of_fixture
    assert set(of_fixture.values()) == {"PASSED"}
