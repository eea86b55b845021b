"""`lakehouse deploy` stops at the first step that fails; its summary says where each job is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.deploy import deploy
from infra.facts import read_facts
from infra.terraform.error import ToolError
from lakehouse.environments import load_environment
from tests.checks.fixtures import BAD, stack_of
from tests.cli.calls import Call


def test_another_account_ends_it_before_anything_is_built(
    lakehouse: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("infra.build.make.build", lambda *_: pytest.fail("it was built"))
    answer = lakehouse("deploy", "--env", "prod")
    assert answer.code == 2
    assert answer.out.startswith("== facts\nsound: ")
    assert answer.err.startswith("RUN501 no usable AWS credentials")


def test_a_check_that_fails_ends_it_and_names_the_resource(tmp_path: Path) -> None:
    stack = tmp_path / "lakehouse-prod"
    stack.mkdir()
    (stack / "cdk.tf.json").write_text(json.dumps(stack_of(BAD["CKV_LAKE_9-public"])))
    with pytest.raises(ToolError) as caught:
        deploy.audit(stack)
    assert str(caught.value).startswith("RUN510 ")
    assert "lakehouse-prod: CKV_LAKE_9 aws_mwaa_environment.it: Airflow's web server is private" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("env", "command"),
    [("prod", "lakehouse run --env prod --job silver_to_gold --run-date ")],
)
def test_the_summary_says_where_each_job_is_how_it_runs_and_by_what(
    env: str, command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(
        "cli.deploy.deploy.print_rows",
        lambda _title, _columns, rows, **_: print(*map("\t".join, rows), sep="\n"),
    )
    deploy.summary(load_environment(env))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(read_facts(env).jobs)
    (line,) = [x for x in lines if x.startswith("silver_to_gold\t")]
    assert command in line
    assert "5 x G.1X, Glue 5.1" in line
    assert "console.aws.amazon.com" in line
