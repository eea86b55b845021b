"""A local platform for the load tests, and SQL over the same Parquet files.

The SQL shares no code with the frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from lakehouse.environments import Environment, load_environment
from local_aws.local_platform import local_platform
from sample_data.dataset import parquet

Query = Callable[[str], list[tuple[Any, ...]]]
TABLES = (
    "transactions",
    "products",
    "demographics",
    "campaigns",
    "campaign_descriptions",
    "coupon_redemptions",
)


@pytest.fixture(scope="session")
def sql() -> Query:
    """Runs SQL on views named as the files."""
    connection = duckdb.connect()
    for table in TABLES:
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM '{parquet(table)}'")
    return lambda text: connection.execute(text).fetchall()


@pytest.fixture(scope="module")
def sample_env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """A local platform of this module's own, with empty source systems."""
    with (
        pytest.MonkeyPatch.context() as patch,
        local_platform(load_environment("local"), tmp_path_factory.mktemp("platform")) as overlay,
    ):
        patch.setenv("LAKEHOUSE_OVERLAY", str(overlay))
        yield load_environment("local")
