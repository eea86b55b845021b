"""Local platforms for whole runs of the retail pipeline."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lakehouse.environments import load_environment
from tests.retail.retail_world import RetailWorld

OpenRetailWorld = Callable[[str], RetailWorld]


@pytest.fixture(scope="module")
def open_retail_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenRetailWorld]:
    """Opens worlds, each on its own local platform, which ends with the module."""
    from local_aws.local_platform import local_platform

    before = os.environ.get("LAKEHOUSE_OVERLAY")
    with ExitStack() as platforms:

        def opened(name: str) -> RetailWorld:
            overlay: Path = platforms.enter_context(
                local_platform(load_environment("local"), tmp_path_factory.mktemp(name))
            )
            os.environ["LAKEHOUSE_OVERLAY"] = str(overlay)
            env = load_environment("local")
            _restore(before)
            return RetailWorld(env, overlay)

        yield opened


def _restore(before: str | None) -> None:
    if before is None:
        os.environ.pop("LAKEHOUSE_OVERLAY", None)
    else:
        os.environ["LAKEHOUSE_OVERLAY"] = before
