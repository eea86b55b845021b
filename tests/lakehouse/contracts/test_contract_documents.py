"""The project's own contracts: JSON Schema by an independent validator, and true to what they promise."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from lakehouse.contracts import Contract
from lakehouse.contracts.contract import METADATA
from lakehouse.pipelines import load_pipelines
from tests.lakehouse.contracts.retail_contracts import FILES, SCHEMAS, TABLES, contracts, document, of_the_run


def test_the_retail_tables_are_the_nine_bronze_seven_silver_and_six_gold_ones() -> None:
    wanted = {f"{layer}.{name}" for layer, names in TABLES.items() for name in names}
    assert {t for job in load_pipelines()["retail"].jobs for t in job.writes} == wanted
    assert set(SCHEMAS.contracts) == set(SCHEMAS.suites) >= wanted


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}-{f.name}")
def test_each_contract_is_json_schema_2020_12(file: Path) -> None:
    found = json.loads(file.read_text(encoding="utf-8"))
    assert jsonschema.validators.validator_for(found) is jsonschema.Draft202012Validator
    jsonschema.Draft202012Validator.check_schema(found)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}-{f.name}")
def test_each_contract_reads_back_with_every_column_in_order(file: Path) -> None:
    found = json.loads(file.read_text(encoding="utf-8"))
    contract = SCHEMAS.contracts[f"{file.parent.name}.{file.name.removesuffix('.schema.json')}"]
    assert list(contract.column_names) == list(found["properties"])
    assert [c.name for c in contract.columns if not c.nullable] == [
        n for n, p in found["properties"].items() if n in found["required"] and "null" not in p["type"]
    ]


@pytest.mark.parametrize("contract", SCHEMAS.contracts.values(), ids=lambda c: c.table)
def test_every_column_says_what_it_is_in_one_line_that_is_a_sentence(contract: Contract) -> None:
    for column in contract.columns:
        text = column.schema.description
        assert text.endswith("."), column.name
        assert "\n" not in text
        assert len(text) >= 8, column.name


@pytest.mark.parametrize(
    "contract", [c for c in contracts("bronze") if c.name in TABLES["bronze"]], ids=lambda c: c.table
)
def test_a_bronze_table_is_appended_to_from_one_source_and_stores_how_each_row_came(
    contract: Contract,
) -> None:
    lake = contract.lake
    assert (lake.write, lake.partition_by, lake.source is not None) == ("append", [], True)
    assert lake.watermark_column
    assert lake.watermark_state_key
    assert contract.stored[-4:] == METADATA


def test_personal_data_leaves_bronze_masked_or_not_at_all() -> None:
    masks = {
        column.name: column.lake.mask
        for c in contracts("bronze")
        for column in c.columns
        if column.lake.tags["pii"] != "none"
    }
    assert masks == {
        "age": "clear",
        "age_years": "clear",
        "marital_status": "clear",
        "page_url": "clear",
        "full_name": "drop",
        "email": "hash",
        "phone": "partial",
        "personal_status_code": "drop",
        "is_foreign_worker": "drop",
    }
    beyond = {
        (c.layer, column.name): column.lake.tags["pii"]
        for c in SCHEMAS.contracts.values()
        if c.layer != "bronze"
        for column in c.columns
    }
    assert not {name for _, name in beyond} & {"full_name", "personal_status_code", "is_foreign_worker"}
    assert {place for place, tag in beyond.items() if tag == "masked"} == {
        ("silver", "email"),
        ("silver", "phone"),
        ("gold", "email_hash"),
        ("gold", "page_url"),
    }
    assert {place for place, tag in beyond.items() if tag == "protected"} == {
        ("silver", "age"),
        ("silver", "age_band"),
        ("silver", "marital_status"),
        ("gold", "age"),
        ("gold", "marital_status"),
    }


@pytest.mark.parametrize(
    "contract", [c for c in contracts("silver") if c.lake.incremental_from], ids=lambda c: c.table
)
def test_a_silver_column_is_that_of_its_only_input_or_says_what_it_is_derived_from(
    contract: Contract,
) -> None:
    (first, *others) = contract.lake.incremental_from
    same = set() if others else set(SCHEMAS.contracts[first].column_names)
    assert [
        c.name
        for c in contract.columns
        if c.name not in same | of_the_run(contract) and not c.lake.derived_from
    ] == []


@pytest.mark.parametrize(
    "contract", [c for c in contracts("gold") if c.lake.incremental_from], ids=lambda c: c.table
)
def test_a_gold_column_says_what_it_is_derived_from(contract: Contract) -> None:
    exempt = of_the_run(contract)
    assert [c.name for c in contract.columns if c.name not in exempt and not c.lake.derived_from] == []


@pytest.mark.parametrize(
    "contract", [c for c in contracts("gold") if c.name.startswith("fact_")], ids=lambda c: c.table
)
def test_a_surrogate_key_of_a_fact_points_to_its_dimension_and_is_never_null(contract: Contract) -> None:
    keys = {c.name: c for c in contract.columns if c.name.endswith("_sk")}
    assert {"customer_sk", "date_sk"} <= set(keys)
    for name, column in keys.items():
        assert column.lake.reference == f"gold.dim_{name.removesuffix('_sk')}.{name}"
        assert not column.nullable
        target = SCHEMAS.contracts[column.lake.reference.rpartition(".")[0]]
        assert target.by_name[name].type == column.type


@pytest.mark.parametrize(
    "contract", [c for c in contracts("gold") if c.name.startswith("dim_")], ids=lambda c: c.table
)
def test_the_unknown_member_of_a_dimension_is_a_row_that_its_contract_allows(contract: Contract) -> None:
    member = contract.lake.unknown_member
    row = {c.name: member.get(c.name) for c in contract.columns} | {
        n: None for n in ("country",) if n in contract.by_name
    }
    validator = jsonschema.Draft202012Validator(document(contract), format_checker=jsonschema.FormatChecker())
    assert [e.message for e in validator.iter_errors(row)] == []
    assert member[next(n for n in contract.column_names if n.endswith("_sk"))] == -1


@pytest.mark.parametrize("contract", contracts("bronze"), ids=lambda c: c.table)
def test_the_schema_rule_of_a_bronze_suite_names_exactly_what_is_stored(contract: Contract) -> None:
    (rule,) = [
        e
        for e in SCHEMAS.suites[contract.table].expectations
        if e.type == "expect_table_columns_to_match_set"
    ]
    assert rule.kwargs == {"column_set": [name for name, _ in contract.stored], "exact_match": True}
    assert rule.severity == "critical"


@pytest.mark.parametrize("table", SCHEMAS.contracts)
def test_each_suite_guards_the_key_of_its_table(table: str) -> None:
    contract, suite = SCHEMAS.contracts[table], SCHEMAS.suites[table]
    critical = [e for e in suite.expectations if e.severity == "critical"]
    if contract.layer == "bronze":
        guarded = {e.kwargs["column"] for e in critical if e.type == "expect_column_values_to_not_be_null"}
        assert set(contract.primary_key) <= guarded
    else:
        unique = [
            e.columns
            for e in critical
            if e.type in ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique")
        ]
        assert list(contract.primary_key) in unique
