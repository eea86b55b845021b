"""Every fault that a contract can have is reported with file, line, column, value, wanted shape and nearest
name.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.contracts import load_schemas
from tests.lakehouse.contracts.bronze_fault_cases import BRONZE_CASES
from tests.lakehouse.contracts.builders import BRONZE, CONTRACT, Case, expect_one, faults_of, write
from tests.lakehouse.contracts.schema_fault_cases import CONTRACT_CASES


def test_an_example_that_is_null_breaks_no_rule(tmp_path: Path) -> None:
    write(
        tmp_path,
        contract=CONTRACT.replace(
            '"pattern": "^[A-Z]{3}$"', '"pattern": "^[A-Z]{3}$", "examples": [null, "USD"]', 1
        ),
    )
    assert load_schemas(tmp_path).contracts["silver.orders"].by_name["currency"].schema.examples == [
        None,
        "USD",
    ]


def test_faults_of_rules_are_told_together_and_examples_are_not_held_against_rules_that_do_not_fit(
    tmp_path: Path,
) -> None:
    rules = '"pattern": "(", "maximum": 3, "enum": [1], "examples": ["USD"]'
    write(tmp_path, contract=CONTRACT.replace('"pattern": "^[A-Z]{3}$"', rules, 1))
    assert sorted(f.code for f in faults_of(tmp_path)) == ["LK207", "LK215", "LK215"]


@pytest.mark.parametrize("case", CONTRACT_CASES, ids=lambda c: f"{c.code}-{c.value}")
def test_a_fault_in_a_contract(case: Case, tmp_path: Path) -> None:
    text = CONTRACT.replace(case.old, case.new, 1)
    assert text != CONTRACT
    write(tmp_path, contract=text)
    expect_one(tmp_path, case, text, "schemas/silver/orders.schema.json")


@pytest.mark.parametrize("case", BRONZE_CASES, ids=lambda c: f"{c.code}-{c.value}")
def test_a_fault_that_only_a_bronze_contract_can_have(case: Case, tmp_path: Path) -> None:
    text = BRONZE.replace(case.old, case.new, 1)
    assert text != BRONZE
    write(tmp_path, "bronze.orders", text)
    expect_one(tmp_path, case, text, "schemas/bronze/orders.schema.json")
