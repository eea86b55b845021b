"""The stack of each environment as Terraform would read it, made once per process."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from infra.app import synth
from infra.facts import read_facts


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """`synthesized("prod")` is the content of its cdk.tf.json."""

    @cache
    def made(env: str) -> dict[str, Any]:
        folder: Path = synth(read_facts(env), tmp_path_factory.mktemp(env))
        document: dict[str, Any] = json.loads((folder / "cdk.tf.json").read_text())
        return document

    return made
