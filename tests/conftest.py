"""Fixtures that several rooms' tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from lakehouse.environments import Environment, load_environment
from tests.cli.calls import Call, caller

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Processes that tests start compile each module once, not each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# The best compiler of Java takes longer to warm up than the tests' processes last.
_QUICK = "-XX:TieredStopAtLevel=1"
if _QUICK not in os.environ.get("JAVA_TOOL_OPTIONS", ""):
    os.environ["JAVA_TOOL_OPTIONS"] = f"{os.environ.get('JAVA_TOOL_OPTIONS', '')} {_QUICK}".strip()


@pytest.fixture
def lakehouse(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    return caller(monkeypatch, capsys)


@pytest.fixture(scope="session")
def local_env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """A local platform of this test process, on free ports. `load_environment("local")` finds it until the end."""
    from local_aws.local_platform import local_platform

    with local_platform(load_environment("local"), tmp_path_factory.mktemp("platform")) as overlay:
        before = os.environ.get("LAKEHOUSE_OVERLAY")
        os.environ["LAKEHOUSE_OVERLAY"] = str(overlay)
        yield load_environment("local")
        if before is None:
            del os.environ["LAKEHOUSE_OVERLAY"]
        else:
            os.environ["LAKEHOUSE_OVERLAY"] = before


@pytest.fixture(scope="session")
def spark(local_env: Environment) -> Iterator[SparkSession]:
    """The Spark of the test process, configured like that of a run."""
    from glue_jobs.session import spark_session

    session = spark_session(local_env)
    yield session
    session.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole runs first: they take minutes, and beside them there is room for everything else."""
    items.sort(key=lambda item: "tests/retail/" not in item.path.as_posix())
