"""Half a year of the loan sources on the platform of the test process."""

from __future__ import annotations

import logging

import pytest
from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from sample_data.load import load_sample
from sample_data.summary import Summary
from tests.loans.loans_world import DIRT, FIRST, LAST, MADE, SOURCES, Bank, HalfYear, counts


@pytest.fixture(scope="session")
def loaded(local_env: Environment) -> Summary:
    """January to June, with 2 % of every kind of dirt."""
    return load_sample(local_env, FIRST, LAST, DIRT, sets=["loans"])


@pytest.fixture(scope="session")
def bank(local_env: Environment, spark: SparkSession) -> Bank:
    return Bank(local_env, spark)


@pytest.fixture(scope="session")
def half_year(bank: Bank, loaded: Summary) -> HalfYear:
    """January to June with 2 % of every kind of dirt, run twice for the last day."""
    said: list[str] = []
    ear = logging.Handler(logging.DEBUG)
    ear.emit = lambda record: said.append(repr(vars(record)))  # type: ignore[method-assign]
    ours = logging.getLogger("glue_jobs")
    ours.addHandler(ear)
    ours.setLevel(logging.DEBUG)
    try:
        first = counts(bank.run(LAST))
        tables = {table: bank.table(table) for table in (*MADE, *(f"bronze.{s}" for s in SOURCES))}
        return HalfYear(bank, loaded, first, tables, counts(bank.run(LAST)), said)
    finally:
        ours.removeHandler(ear)
        ours.setLevel(logging.NOTSET)
