"""Half a year of the loan sources in the world of the test process."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from environments import Environment
from local_aws.sample.load import load_sample
from local_aws.sample.summary import Summary
from tests.loans.bank import DIRT, FIRST, LAST, Bank


@pytest.fixture(scope="session")
def loaded(local_world: Environment) -> Summary:
    """January to June, with 2 % of every kind of dirt."""
    return load_sample(local_world, FIRST, LAST, DIRT, of=["loans"])


@pytest.fixture(scope="session")
def bank(local_world: Environment, spark: SparkSession) -> Bank:
    return Bank(local_world, spark)
