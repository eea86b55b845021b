"""A script in the place of Terraform: it answers `version` and writes down every other call."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_SCRIPT = """#!/bin/sh
if [ "$1" = version ]; then echo '{{"terraform_version": "1.11.4"}}'; exit; fi
for word in "$@"; do printf '%s\\t' "$word" >> {log}; done; echo >> {log}
shift
verb=$1
{body}
"""


@dataclass
class FakeTerraform:
    """`stack` is a folder to run it in; `calls` are the words of each call that `verbs` has read last."""

    stack: Path
    log: Path
    calls: list[list[str]] = field(default_factory=list)

    @classmethod
    def install(cls, folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> FakeTerraform:
        """`body` is shell; it finds the verb of the call in $verb."""
        program = folder / "terraform"
        fake = cls(folder / "stacks" / "lakehouse-prod", folder / "calls.tsv")
        fake.stack.mkdir(parents=True)
        program.write_text(_SCRIPT.format(log=fake.log, body=body))
        program.chmod(0o755)
        monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(program))
        return fake

    def verbs(self) -> list[str]:
        """The verbs of the calls since the last time."""
        lines = self.log.read_text().splitlines()
        self.log.write_text("")
        words = [line.rstrip("\t").split("\t") for line in lines]
        assert {call[0] for call in words} == {f"-chdir={self.stack}"}, json.dumps(words)
        self.calls = [call[1:] for call in words]
        return [call[0] for call in self.calls]
