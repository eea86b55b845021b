"""An embedded AWS with the release of this tree, and one beside it for runs that are not deployed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lakehouse.environments import Environment, load_environment
from lakehouse.environments.reader import OVERLAY
from local_aws.local_platform import local_platform
from tests.deployed.deployed_jobs import DeployedJobs
from tests.infra import synthesis


@pytest.fixture(scope="session", autouse=True)
def _shared_stacks(tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.getbasetemp()
    synthesis.share((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "stacks")


@contextmanager
def _platform(folder: Path) -> Iterator[tuple[Environment, Path]]:
    """An embedded AWS alone, and its overlay; LAKEHOUSE_OVERLAY names the one that was named before."""
    before = os.environ.get(OVERLAY)
    with local_platform(load_environment("local"), folder, only=("aws",)) as overlay:
        os.environ[OVERLAY] = str(overlay)
        env = load_environment("local")
        del os.environ[OVERLAY]
        if before is not None:
            os.environ[OVERLAY] = before
        yield env, overlay


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedJobs]:
    with _platform(tmp_path_factory.mktemp("deployed")) as (env, overlay):
        jobs = DeployedJobs(env, overlay)
        jobs.rights.protect()
        jobs.upload()
        yield jobs


@pytest.fixture(scope="module")
def other_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Environment, Path]]:
    """A world without deployed jobs, and its overlay."""
    with _platform(tmp_path_factory.mktemp("other")) as world:
        yield world
