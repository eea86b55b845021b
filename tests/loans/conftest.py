"""Half a year of the loan sources on the platform of the test process."""

from __future__ import annotations

import logging

import pytest
from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from sample_data.load import load_sample
from sample_data.summary import Summary
from tests.loans.loans_world import DIRT, FIRST, LAST, MADE, SOURCES, HalfYear, LoansWorld, counts


@pytest.fixture(scope="session")
def loaded(local_env: Environment) -> Summary:
    """January to June, with 2 % of every kind of dirt."""
    return load_sample(local_env, FIRST, LAST, DIRT, sets=["loans"])


@pytest.fixture(scope="session")
def world(local_env: Environment, spark: SparkSession) -> LoansWorld:
    return LoansWorld(local_env, spark)


@pytest.fixture(scope="session")
def half_year(world: LoansWorld, loaded: Summary) -> HalfYear:
    """January to June with 2 % of every kind of dirt, run twice for the last day."""
    lines: list[str] = []
    ear = logging.Handler(logging.DEBUG)
    ear.emit = lambda record: lines.append(repr(vars(record)))  # type: ignore[method-assign]
    ours = logging.getLogger("glue_jobs")
    ours.addHandler(ear)
    ours.setLevel(logging.DEBUG)
    try:
        first, judged = counts(world.run(LAST)), world.judge(LAST)
        tables = {table: world.table(table) for table in (*MADE, *(f"bronze.{s}" for s in SOURCES))}
        return HalfYear(world, loaded, first, tables, counts(world.run(LAST)), lines, judged)
    finally:
        ours.removeHandler(ear)
        ours.setLevel(logging.NOTSET)
