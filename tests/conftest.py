"""Fixtures that several rooms' tests share."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.environments import Environment, load_environment
from tests.cli.calls import Call, caller

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# werkzeug, which serves moto, else logs each request to the standard error of the test that runs just then.
logging.getLogger("werkzeug").setLevel(logging.ERROR)
# Processes that tests start compile each module once, not each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# The best compiler of Java takes longer to warm up than the processes last that tests start.
_QUICK_START = "-XX:TieredStopAtLevel=1"
_JAVA_OPTIONS = (
    _QUICK_START,
    # The tests' heaps are small, and several processes share the cores.
    "-XX:+UseSerialGC",
    # Spark keeps the code of 100 queries. The tests of a process have more, and would compile them again.
    "-Dspark.sql.codegen.cache.maxEntries=5000",
)
_java_options = os.environ.get("JAVA_TOOL_OPTIONS", "").split()
os.environ["JAVA_TOOL_OPTIONS"] = " ".join(
    [*_java_options, *(o for o in _JAVA_OPTIONS if o not in _java_options)]
)


@pytest.fixture(scope="session", autouse=True)
def _spark_of_this_process_is_compiled_well() -> Iterator[None]:
    """Let the best compiler work in the Java of this process, which runs hundreds of tests.

    pyspark starts Java by `Popen` with a copy of the environment; a process keeps the first that it started.
    """
    import pyspark.java_gateway as gateway

    start = gateway.Popen

    def start_java(command: list[str], **options: Any) -> Any:
        options["env"]["JAVA_TOOL_OPTIONS"] = options["env"]["JAVA_TOOL_OPTIONS"].replace(_QUICK_START, "")
        return start(command, **options)

    gateway.Popen = start_java
    yield
    gateway.Popen = start


@pytest.fixture
def lakehouse(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    return caller(monkeypatch, capsys)


@pytest.fixture(scope="session")
def local_env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """A local platform of this test process, on free ports.

    `load_environment("local")` finds it until the end.
    """
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


# The files that take minutes. Started last, one of them would run alone at the end.
LONGEST = (
    "tests/infra/test_apply_whole.py",
    "tests/infra/test_apply.py",
    "tests/retail/test_killed.py",
    "tests/retail/test_deployed_day.py",
    "tests/retail/test_month.py",
    "tests/project/",
    "tests/loans/test_half_year.py",
    "tests/deployed/",
    "tests/glue_jobs/tables/test_scd2.py",
    "tests/glue_jobs/streaming/test_lakebase_writer.py",
    "tests/glue_jobs/observability/test_row_failures.py",
    "tests/cli/personal_data/test_canaries.py",
    "tests/loyalty/test_traffic.py",
    "tests/mwaa_dags/test_real_runs.py",
    "tests/infra/test_checkov.py",
    "tests/glue_jobs/quality/test_agreement.py",
    "tests/cli/run/",
    "tests/histories/",
    "tests/loans/",
    "tests/cli/deploy/",
    "tests/glue_jobs/streaming/",
    "tests/glue_jobs/warehouses/",
    "tests/glue_jobs/job_types/",
)

# The longest that a slow matrix may take; the other tests have the limit of pyproject.toml.
SLOW_SECONDS = 7_200


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files by how long they take, the longest first, and give slow tests their limit of time.

    A worker takes the next file when it is free.
    """

    def rank(item: pytest.Item) -> int:
        path = item.path.as_posix()
        return next((number for number, part in enumerate(LONGEST) if part in path), len(LONGEST))

    items.sort(key=rank)
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_SECONDS))
