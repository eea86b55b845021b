"""Runs checkov, with its own checks and the platform's, over synthesized stacks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from infra.terraform.error import ToolError
from lakehouse.platform_files import platform_file

# It requires a boto3 that excludes the platform's, so uv installs it into an environment of its own.
VERSION = "3.3.30"
CHECKS = platform_file("checks")
PLATFORM_CHECKS = CHECKS / "lake"
_NO_UV = "uv is not on the PATH, and checkov is installed by it; see https://docs.astral.sh/uv/"
_SETTINGS = {"CHECKOV_RUN_SCA_PACKAGE_SCAN_V2": "false", "LOG_LEVEL": "ERROR"}
_SHOWN_CHARACTERS = 500


@dataclass(frozen=True, order=True)
class Finding:
    """A check that fails. `stack` is the folder's name, `resource` the address in a plan."""

    stack: str
    check: str
    resource: str
    title: str

    def __str__(self) -> str:
        return f"{self.stack}: {self.check} {self.resource}: {self.title}"


class Skip(BaseModel):
    """A check that is passed over for some resources. Their addresses may contain `*`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    check: str
    resources: Annotated[list[str], Field(min_length=1)]
    reason: Annotated[str, Field(min_length=20)]

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is passed over."""
        matches = any(fnmatch(finding.resource, pattern) for pattern in self.resources)
        return finding.check == self.check and matches


@dataclass(frozen=True)
class Report:
    """`evaluated` are the resources that at least one check has read, as (stack, address)."""

    failed: tuple[Finding, ...]
    skipped: tuple[Finding, ...]
    evaluated: frozenset[tuple[str, str]]


def read_skips() -> list[Skip]:
    """The entries of checks/skips.yml."""
    content = yaml.safe_load((CHECKS / "skips.yml").read_text(encoding="utf-8"))
    return TypeAdapter(list[Skip]).validate_python(content)


def check(folder: Path) -> Report:
    """Check every stack below `folder`. Raises ToolError (RUN509) when checkov cannot be run."""
    results = run(folder)
    skips, types = read_skips(), _resource_types(folder)
    findings = sorted({_finding(item, types) for item in results["failed_checks"]})
    skipped = tuple(f for f in findings if any(skip.covers(f) for skip in skips))
    evaluated = [*results["failed_checks"], *results["passed_checks"]]
    return Report(
        failed=tuple(f for f in findings if f not in skipped),
        skipped=skipped,
        evaluated=frozenset((_stack(item), _address(item, types)) for item in evaluated),
    )


def run(folder: Path, *options: str) -> dict[str, Any]:
    """checkov's own `results` for a folder of Terraform JSON.

    It reads nothing but the folder and sends nothing anywhere. Raises ToolError (RUN509) when it cannot be
    run.
    """
    answer = subprocess.run(
        _command(folder, options),
        cwd=folder,
        env={**os.environ, **_SETTINGS, "LAKEHOUSE_STACK": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        results: dict[str, Any] = json.loads(answer.stdout)["results"]
    except (ValueError, KeyError, TypeError):
        shown = answer.stderr.strip()[-_SHOWN_CHARACTERS:] or answer.stdout[:_SHOWN_CHARACTERS]
        raise ToolError("RUN509", f"checkov {VERSION} gave no result: {shown}") from None
    if results["parsing_errors"]:
        raise ToolError("RUN509", f"checkov cannot read {', '.join(results['parsing_errors'])}")
    if "Traceback" in answer.stderr or "ImportError" in answer.stderr:
        shown = answer.stderr.strip()[-_SHOWN_CHARACTERS:]
        raise ToolError("RUN509", f"checkov cannot load the platform's checks: {shown}")
    return results


def _command(folder: Path, options: tuple[str, ...]) -> list[str]:
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise ToolError("RUN509", _NO_UV)
    install = [uv, "tool", "run", "--quiet", "--python", sys.executable, "--from", f"checkov=={VERSION}"]
    program = ["python", str(CHECKS / "run.py")]
    reads = ["-d", str(folder), "--framework", "terraform_json"]
    checks = ["--external-checks-dir", str(PLATFORM_CHECKS), "--skip-download"]
    return [*install, *program, *reads, *checks, "-o", "json", *options]


def _resource_types(folder: Path) -> dict[tuple[str, str], str]:
    """(stack, name) → type of resource.

    For some resources checkov reports the name without the type; in a stack a name belongs to one resource.
    """
    types: dict[tuple[str, str], str] = {}
    for file in folder.rglob("cdk.tf.json"):
        resources = json.loads(file.read_text(encoding="utf-8")).get("resource", {})
        for kind, named in resources.items():
            types |= {(file.parent.name, name): kind for name in named}
    return types


def _finding(item: dict[str, Any], types: dict[tuple[str, str], str]) -> Finding:
    return Finding(_stack(item), item["check_id"], _address(item, types), item["check_name"])


def _address(item: dict[str, Any], types: dict[tuple[str, str], str]) -> str:
    kind, _, name = item["resource"].rpartition(".")
    return f"{types.get((_stack(item), name), kind)}.{name}"


def _stack(item: dict[str, Any]) -> str:
    return Path(item["file_abs_path"]).parent.name
