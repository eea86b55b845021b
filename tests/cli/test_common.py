"""What the commands share: exit codes, errors without secrets, and what a command loads."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from glue_jobs.observability.redact import register
from lakehouse.project import project_root
from tests.cli.calls import Call


def test_completion_offers_verbs_environments_and_jobs() -> None:
    def complete(line: str, at: int) -> list[str]:
        env = {
            **os.environ,
            "_LAKEHOUSE_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(at),
        }
        script = "import sys; sys.argv = ['lakehouse']; from cli.app import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=project_root(),
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()

    assert {"validate", "run", "quarantine"} <= set(complete("lakehouse ", 1))
    assert complete("lakehouse runs --env ", 3) == ["local", "dev", "staging", "prod"]
    assert complete("lakehouse run --job silver_", 3) == ["silver_transform", "silver_to_gold"]


def test_no_secret_leaves_by_an_error(lakehouse: Call) -> None:
    register(["canary-7f3a-secret"])
    answer = lakehouse("runs", "--env", "canary-7f3a-secret")
    assert answer.code == 2
    assert "canary" not in answer.err
    assert "***" in answer.err


@pytest.mark.parametrize("verb", [["validate"], ["jobs"], ["--help"]], ids=lambda v: v[0])
def test_commands_that_touch_no_world_load_neither_spark_nor_boto3(verb: list[str]) -> None:
    script = (
        f"import sys; sys.argv = ['lakehouse', *{verb}]\n"
        "from cli.app import main\ntry:\n    main()\nexcept SystemExit: pass\n"
    )
    script += "print([m for m in ('pyspark', 'boto3', 'pandas', 'duckdb') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project_root(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
