"""The contract that the tests of this room share."""

from __future__ import annotations

import pytest

from lakehouse.contracts import Contract
from tests.glue_jobs.builders import contract
from tests.glue_jobs.contract.orders import ORDER


@pytest.fixture(scope="module")
def order() -> Contract:
    return contract(
        "bronze.orders",
        ORDER,
        write="append",
        sequence=None,
        source={"kind": "landing", "object": "x", "system": "x"},
    )
