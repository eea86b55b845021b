"""The workflows that deploy: audited, pinned, and applying the plan that was read."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from lakehouse.project import Project, project_root

NAMES = tuple(Project.find().settings.environments)

ROOT = project_root()
WORKFLOWS = {
    p.name: yaml.safe_load(p.read_text(encoding="utf-8"))
    for p in sorted((ROOT / ".github/workflows").glob("*.yml"))
}
ZIZMOR = "1.32.0"


def steps(workflow: Any) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_zizmor_finds_nothing() -> None:
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "uv installs zizmor"
    words = [
        uv,
        "tool",
        "run",
        "--quiet",
        "--from",
        f"zizmor=={ZIZMOR}",
        "zizmor",
        "--offline",
        "--no-progress",
        str(ROOT / ".github/workflows"),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_by_their_whole_hash_and_say_their_version(name: str) -> None:
    text = (ROOT / ".github/workflows" / name).read_text(encoding="utf-8")
    used = re.findall(r"uses: (.*)", text)
    assert used
    assert [
        line for line in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    ] == []


@pytest.mark.parametrize("name", WORKFLOWS)
def test_rights_are_given_job_by_job(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {}
    for job in WORKFLOWS[name]["jobs"].values():
        assert set(job["permissions"].values()) <= {"read", "write"}
        assert job["permissions"].get("contents") == "read"


def test_every_environment_but_this_machine_is_planned_and_applied() -> None:
    clouds = [name for name in NAMES if name != "local"]
    assert WORKFLOWS["pull-request.yml"]["jobs"]["plan"]["strategy"]["matrix"]["env"] == clouds
    apply = WORKFLOWS["merge.yml"]["jobs"]["apply"]
    assert apply["strategy"]["matrix"]["env"] == clouds
    assert apply["strategy"]["max-parallel"] == 1


def test_what_is_applied_is_the_saved_plan() -> None:
    planned = [s["run"] for s in steps(WORKFLOWS["pull-request.yml"]) if "cdktf" in s.get("run", "")]
    applied = [s["run"] for s in steps(WORKFLOWS["merge.yml"]) if "cdktf" in s.get("run", "")]
    assert len(planned) == len(applied) == 1
    assert "--json plan/plan.json" in planned[0]
    assert applied == ['uv run --frozen cdktf deploy --env "$ENV" --reviewed plan/plan.json']


def test_the_hooks_run_the_versions_that_the_tests_run() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0][
        "hooks"
    ]
    assert {h["id"] for h in hooks} == {"ruff", "ruff-format", "validate", "zizmor"}
    assert [h for h in hooks if "zizmor" in h["entry"] and ZIZMOR not in h["entry"]] == []
    assert Path(ROOT / "Makefile").exists()
