"""The stack of each environment as Terraform would read it, synthesized once in a run of tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra import synthesis
from tests.infra.job_parts import copied


@pytest.fixture(scope="session", autouse=True)
def _shared_stacks(tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.getbasetemp()
    # Workers of pytest-xdist have a folder each, below one of the run.
    synthesis.share((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "stacks")


@pytest.fixture(scope="session")
def without_airflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose dev has no orchestrator."""
    root = copied(tmp_path_factory.mktemp("lean"))
    file = root / "environments" / "dev.yml"
    facts = yaml.safe_load(file.read_text())
    facts["stack"]["orchestrator"] = "none"
    file.write_text(yaml.safe_dump(facts))
    return root


@pytest.fixture(scope="session")
def synthesized() -> Callable[[str], dict[str, Any]]:
    """`synthesized("prod")` is the content of its cdk.tf.json."""
    return lambda env: synthesis.document(synthesis.whole_stack(env))
