"""`cdktf` and `lakehouse deploy` refuse what is wrong before anything is touched, and say why in one line."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from cli.deploy import preparation
from cli.deploy.cdktf import app as cdktf_app
from infra.facts import read_facts
from lakehouse.environments import load_environment
from lakehouse.project import Project, project_root
from local_aws.local_platform import LocalPlatform
from tests.cli.calls import Call
from tests.cli.deploy.fake_terraform import FakeTerraform

NAMES = tuple(Project.find().settings.environments)

VERBS = ("synth", "diff", "deploy", "destroy")


@pytest.mark.parametrize("verb", VERBS)
def test_no_environment_is_refused_with_the_list(call: Call, verb: str) -> None:
    answer = call(verb)
    assert answer.code == 2
    assert f"--env is missing; the environments are {', '.join(NAMES)}" in " ".join(
        answer.err.replace("│", " ").split()
    )


@pytest.mark.parametrize("verb", VERBS)
def test_an_unknown_environment_is_refused_with_the_nearest(call: Call, verb: str) -> None:
    answer = call(verb, "--env", "prd")
    assert answer.code == 2
    assert (
        answer.err == "environments: LK110 unknown environment 'prd'; "
        "wanted one of local, dev, staging, prod; did you mean 'prod'?\n"
    )


@pytest.mark.parametrize("answer", ["n\n", ""], ids=["no", "no answer"])
def test_prod_shows_account_region_and_changes_and_applies_them_only_after_yes(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str
) -> None:
    """A script writes down how Terraform was called."""
    prod = load_environment("prod").model_copy(update={"account": "123456789012"})
    terraform = FakeTerraform.install(tmp_path, monkeypatch, "echo 'Plan: 3 to add'")
    monkeypatch.setattr(preparation, "prepared", lambda _name: (prod, terraform.stack))
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    shown = call("deploy", "--env", "prod")
    assert shown.code == 1
    assert "environment prod, account 123456789012, region eu-central-1" in shown.out
    assert "Plan: 3 to add" in shown.out
    assert shown.out.endswith("nothing was changed\n") == bool(answer)
    assert terraform.verbs() == ["init", "plan"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert call("deploy", "--env", "prod").code == 0
    assert terraform.verbs() == ["init", "plan", "init", "apply"]
    plan, apply = terraform.calls[1], terraform.calls[3]
    # What is applied is the very plan that was shown.
    (saved,) = [word.removeprefix("-out=") for word in plan if word.startswith("-out=")]
    assert apply[-1] == saved
    assert call("deploy", "--env", "prod", "--auto-approve").code == 0
    assert terraform.verbs() == ["init", "apply"]


def test_a_plan_ends_with_the_month(
    call: Call, no_keys: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dev = load_environment("dev")
    terraform = FakeTerraform.install(tmp_path, monkeypatch, "echo 'Plan: 3 to add'")
    jobs = {
        f"job_{job.name}": {"worker_type": "G.1X", "number_of_workers": 2} for job in read_facts("dev").jobs
    }
    document = {"resource": {"aws_glue_job": jobs, "aws_kms_key": {"key_raw": {}}}}
    (terraform.stack / "cdk.tf.json").write_text(json.dumps(document))
    monkeypatch.setattr(preparation, "prepared", lambda _name, **_: (dev, terraform.stack))
    shown = call("diff", "--env", "dev")
    assert shown.code == 0
    plan, month = shown.out.splitlines()[-2:]
    assert plan == "Plan: 3 to add"
    assert month.startswith("a month costs ")
    assert "USD: idle 1.00, schedule " in month


def test_a_local_platform_that_was_filled_by_hand_is_not_deployed_to(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = LocalPlatform.start(load_environment("local"), tmp_path, only=("aws",))
    try:
        monkeypatch.setenv("LAKEHOUSE_OVERLAY", str(platform.overlay))
        answer = call("deploy", "--env", "local")
        assert (answer.code, answer.out) == (1, "")
        assert answer.err.startswith(
            "RUN507 the local platform that is up was filled by `lakehouse local up`"
        )
    finally:
        platform.stop()


def test_synth_needs_no_credentials_no_network_and_no_terraform(
    call: Call, no_keys: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "no-such-terraform")
    monkeypatch.setattr(Project, "synthesized", tmp_path)
    monkeypatch.setattr(Project, "cache", tmp_path / "cache")
    answer = call("synth", "--env", "dev")
    assert (answer.code, answer.err) == (0, "")
    document = json.loads((Path(answer.out.strip()) / "cdk.tf.json").read_text())
    assert document["terraform"]["backend"]["s3"]["bucket"] == "lakehouse-dev-state-000000000001"
    assert not (tmp_path / "cache").exists()


def test_nothing_phones_home() -> None:
    settings = json.loads((project_root() / "cdktf.json").read_text())
    assert settings["sendCrashReports"] == "false"
    assert (settings["language"], settings["app"], settings["output"]) == (
        "python",
        "python -m infra.app",
        "cdktf.out",
    )


def test_help_says_where_the_environments_are_named(call: Call) -> None:
    assert {c.name for c in cdktf_app.registered_commands} >= set(VERBS)
    for verb in VERBS:
        shown = " ".join(call(verb, "--help").out.replace("│", " ").split())
        assert "The environment to deploy, as lakehouse.yml names it. There is no default." in shown
