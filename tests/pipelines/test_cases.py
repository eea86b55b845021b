"""Every case of every pipeline of this project, in one Spark; and what a case that fails shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyspark.sql import SparkSession

from cli.pipeline.cases.reader import Case, read_cases
from cli.pipeline.cases.report import differences
from cli.pipeline.cases.run import run_case
from lakehouse.contracts import load_schemas
from lakehouse.pipelines import load_pipelines
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector

CONTRACTS = load_schemas().contracts
FAULTS = Collector(project_root())
CASES = {
    f"{name}/{case.name}": case
    for name, pipeline in load_pipelines().items()
    for case in read_cases(pipeline, CONTRACTS, FAULTS)
}
ROUNDED = CASES["retail/half_a_tenth_of_a_mill_is_rounded_up"]


def test_every_case_is_readable() -> None:
    assert FAULTS.faults == []


@pytest.mark.parametrize("name", CASES)
def test_rows_are_as_expected(spark: SparkSession, name: str) -> None:
    for result in run_case(spark, CASES[name], CONTRACTS):
        assert result.error == ""
        assert list(differences(result)) == []


def expecting(case: Case, **columns: object) -> Case:
    (table,) = case.expected
    return replace(case, expected={table: [columns]})


def test_difference_is_shown_beside_the_key_of_its_row(spark: SparkSession) -> None:
    (result,) = run_case(spark, expecting(ROUNDED, order_id=1, amount_usd="1.0000"), CONTRACTS)
    assert list(differences(result)) == [("order_id=1", "amount_usd", "1.0000", "1.0001")]


def test_row_too_few_and_row_too_many_are_shown_whole(spark: SparkSession) -> None:
    (result,) = run_case(spark, expecting(ROUNDED, order_id=2, amount_usd="1.0001"), CONTRACTS)
    assert list(differences(result)) == [
        ("order_id=2", "", "order_id=2, amount_usd=1.0001, _reject=null", "(no row)"),
        ("order_id=1", "", "(no row)", "order_id=1, amount_usd=1.0001, _reject=null"),
    ]


def test_value_that_is_not_of_its_type_is_an_error_of_the_case(spark: SparkSession) -> None:
    (result,) = run_case(spark, expecting(ROUNDED, order_id="one"), CONTRACTS)
    assert "silver.orders: order_id = 'one' is no bigint" in result.error
