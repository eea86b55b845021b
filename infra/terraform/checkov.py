"""checkov over stacks that were synthesized: its own checks and ours, in an environment of its own."""

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

# It wants a boto3 of its own, so it cannot live among our packages.
VERSION = "3.3.30"
CHECKS = platform_file("checks")
OWN = CHECKS / "lake"
_UV = "uv is not on the PATH, and checkov is installed by it; see https://docs.astral.sh/uv/"


class Skip(BaseModel):
    """One check passed over for some resources. Addresses may hold `*`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    check: str
    resources: Annotated[list[str], Field(min_length=1)]
    reason: Annotated[str, Field(min_length=20)]

    def covers(self, finding: Finding) -> bool:
        return finding.check == self.check and any(
            fnmatch(finding.resource, pattern) for pattern in self.resources
        )


@dataclass(frozen=True, order=True)
class Finding:
    """`stack` is the folder's name, `resource` the address in a plan."""

    stack: str
    check: str
    resource: str
    says: str

    def __str__(self) -> str:
        return f"{self.stack}: {self.check} {self.resource}: {self.says}"


@dataclass(frozen=True)
class Report:
    """`evaluated`: the resources that at least one check has looked at, as (stack, address)."""

    failed: tuple[Finding, ...]
    skipped: tuple[Finding, ...]
    evaluated: frozenset[tuple[str, str]]
    ran: frozenset[str]


def read_skips() -> list[Skip]:
    return TypeAdapter(list[Skip]).validate_python(
        yaml.safe_load((CHECKS / "skips.yml").read_text(encoding="utf-8"))
    )


def check(folder: Path) -> Report:
    """What checkov finds in every stack below `folder`. Raises ToolError (RUN509) when it cannot be run."""
    answer = run(folder)
    skips = read_skips()
    kinds = _kinds(folder)
    failed = sorted({_finding(item, kinds) for item in answer["failed_checks"]})
    looked = [*answer["failed_checks"], *answer["passed_checks"]]
    skipped = tuple(f for f in failed if any(s.covers(f) for s in skips))
    return Report(
        tuple(f for f in failed if f not in skipped),
        skipped,
        frozenset((_stack(item), _address(item, kinds)) for item in looked),
        frozenset(item["check_id"] for item in looked),
    )


def run(folder: Path, *options: str) -> dict[str, Any]:
    """checkov's own `results` for a folder of Terraform JSON. It reads nothing but that, and sends nothing anywhere."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise ToolError("RUN509", _UV)
    words = [
        uv,
        "tool",
        "run",
        "--quiet",
        "--python",
        sys.executable,
        "--from",
        f"checkov=={VERSION}",
        "python",
        str(CHECKS / "run.py"),
        "-d",
        str(folder),
    ]
    words += [
        "--framework",
        "terraform_json",
        "--external-checks-dir",
        str(OWN),
        "--skip-download",
        "-o",
        "json",
        *options,
    ]
    env = {
        **os.environ,
        "LAKEHOUSE_STACK": str(folder),
        "CHECKOV_RUN_SCA_PACKAGE_SCAN_V2": "false",
        "LOG_LEVEL": "ERROR",
    }
    done = subprocess.run(
        words, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    try:
        said = json.loads(done.stdout)
        results: dict[str, Any] = said["results"]
    except (ValueError, KeyError, TypeError):
        raise ToolError(
            "RUN509", f"checkov {VERSION} gave no result: {done.stderr.strip()[-500:] or done.stdout[:500]}"
        ) from None
    if results["parsing_errors"]:
        raise ToolError("RUN509", f"checkov cannot read {', '.join(results['parsing_errors'])}")
    if "Traceback" in done.stderr or "ImportError" in done.stderr:
        raise ToolError("RUN509", f"checkov cannot load our own checks: {done.stderr.strip()[-500:]}")
    return results


def _kinds(folder: Path) -> dict[tuple[str, str], str]:
    """(stack, name) → kind of resource. checkov names the kind of some alone; in our stacks a name belongs to one resource."""
    found: dict[tuple[str, str], str] = {}
    for file in folder.rglob("cdk.tf.json"):
        for kind, named in json.loads(file.read_text(encoding="utf-8")).get("resource", {}).items():
            found |= {(file.parent.name, name): kind for name in named}
    return found


def _finding(item: dict[str, Any], kinds: dict[tuple[str, str], str]) -> Finding:
    return Finding(_stack(item), item["check_id"], _address(item, kinds), item["check_name"])


def _address(item: dict[str, Any], kinds: dict[tuple[str, str], str]) -> str:
    kind, _, name = item["resource"].rpartition(".")
    return f"{kinds.get((_stack(item), name), kind)}.{name}"


def _stack(item: dict[str, Any]) -> str:
    return Path(item["file_abs_path"]).parent.name
