"""Terraform gets the pinned provider; its output is streamed, its errors and interrupts are passed on."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from cli.deploy.terraform_runner import run_terraform
from infra.terraform.error import ToolError
from infra.terraform.provider_lock import LOCK_FILE
from lakehouse.environments import Environment, load_environment
from tests.cli.deploy.fake_terraform import FakeTerraform


@pytest.fixture
def prod() -> Environment:
    return load_environment("prod")


def test_init_runs_first_with_the_lock_file_beside_the_stack(
    prod: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    terraform = FakeTerraform.install(tmp_path, monkeypatch, "")
    run_terraform(terraform.stack, prod, ("plan", "-out=x"), ("state", "rm", "a.b"))
    assert terraform.verbs() == ["init", "plan", "state"]
    init, plan, state = terraform.calls
    assert "-lockfile=readonly" in init
    assert plan == ["plan", "-parallelism=30", "-no-color", "-out=x"]
    assert state == ["state", "rm", "a.b"]
    assert 'version     = "5.100.0"' in (terraform.stack / LOCK_FILE.name).read_text()


def test_whole_output_is_shown_where_it_was_asked_for_and_that_of_init_is_not(
    prod: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terraform = FakeTerraform.install(tmp_path, monkeypatch, "echo from $verb; echo error of $verb >&2")
    run_terraform(terraform.stack, prod, ("plan",), whole=True)
    assert capsys.readouterr().out == "from plan\nerror of plan\n"


def test_a_summary_names_the_log_that_holds_every_line(
    prod: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terraform = FakeTerraform.install(tmp_path, monkeypatch, "echo from $verb; echo 'Plan: 1 to add.'")
    run_terraform(terraform.stack, prod, ("plan",))
    *result, last = capsys.readouterr().out.splitlines()
    assert result == ["Plan: 1 to add."]
    log = Path(last.rpartition(": ")[2])
    assert log.read_text() == "from plan\nPlan: 1 to add.\n"
    assert log.stat().st_mode & 0o077 == 0
    log.unlink()


def test_an_init_that_fails_says_why_and_nothing_runs_after_it(
    prod: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    terraform = FakeTerraform.install(tmp_path, monkeypatch, "echo 'Error: no such bucket'; exit 1")
    with pytest.raises(
        ToolError, match=r"RUN508 terraform init ended with an error.*: Error: no such bucket"
    ):
        run_terraform(terraform.stack, prod, ("plan",))
    assert terraform.verbs() == ["init"]


def test_an_interrupt_reaches_terraform_which_ends_in_its_own_time(
    prod: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The script ends a while after the interrupt, as Terraform does; another starts it, as tfenv does."""
    saved, inner = tmp_path / "saved", tmp_path / "inner"
    inner.write_text(
        f"#!/bin/sh\ntrap 'sleep 0.3; echo saved > {saved}; exit 1' INT\n"
        "echo begun\nwhile :; do sleep 0.1; done\n"
    )
    inner.chmod(0o755)
    body = f"trap 'true' INT; [ $verb = init ] || {inner}"
    terraform = FakeTerraform.install(tmp_path, monkeypatch, body)

    def interrupt() -> None:
        while not terraform.log.exists() or "apply" not in terraform.log.read_text():
            time.sleep(0.05)
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(ToolError, match="RUN508 terraform apply was interrupted"):
        run_terraform(terraform.stack, prod, ("apply",))
    assert saved.read_text() == "saved\n"
    assert "everything that it printed" in capsys.readouterr().out
