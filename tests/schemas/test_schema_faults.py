"""Every fault that a contract or a suite can have is reported with file, line, column, value, wanted shape and nearest name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from facts.faults import Fault, FaultsError
from schemas import load_schemas
from tests.schemas.small import BRONZE, CONTRACT, SUITE, place, write


@dataclass(frozen=True)
class Case:
    """`old` becomes `new`; the fault is expected where `at` then stands."""

    old: str
    new: str
    code: str
    at: str
    value: str
    wanted: str
    nearest: str = ""


def faults_of(root: Path) -> list[Fault]:
    with pytest.raises(FaultsError) as found:
        load_schemas(root)
    return found.value.faults


def expect_one(root: Path, case: Case, text: str, file: str) -> None:
    (fault,) = faults_of(root)
    assert (fault.code, fault.file, (fault.line, fault.column)) == (case.code, file, place(text, case.at))
    assert (fault.value, fault.nearest) == (case.value, case.nearest)
    assert case.wanted in fault.wanted
    assert str(fault).startswith(f"{file}:{fault.line}:{fault.column}: {case.code} ")


CONTRACT_CASES = [
    Case('"title"', '"titel": 1, "title"', "LK101", '"titel"', "titel", "one of $schema, $id, title", "title"),
    Case('"minimum"', '"minimun"', "LK101", '"minimun"', "minimun", "exclusiveMinimum", "minimum"),
    Case('"additionalProperties"', '"additional_properties"', "LK101", '"additional_properties"', "additional_properties", "additionalProperties",
         "additionalProperties"),
    Case('{"type": "decimal(18,2)"}', '{"typ": "int"}', "LK101", '"typ":', "typ", "derived_from", "type"),
    Case('    "owner": "retail_data",\n', "", "LK102", "{\n    \"version\"", "owner", "owner"),
    Case(', "description": "ISO 4217 code."', "", "LK102", '{"type": ["string"', "description", "what it is, its unit"),
    Case('"version": 1', '"version": "1"', "LK103", '"1"', "1", "valid integer"),
    Case('"version": 1', '"version": 0', "LK103", "0,\n", "0", "greater than or equal to 1"),
    Case('"write": "merge"', '"write": "merg"', "LK103", '"merg"', "merg", "'append', 'merge'", "merge"),
    Case('"type": "integer"', '"type": "integr"', "LK103", '"integr"', "integr", "'integer'", "integer"),
    Case('["string", "null"]', '["string", "nul"]', "LK103", '"nul"', "nul", "'null'", "null"),
    Case("https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema", "LK103", '"http://', "http://json-schema.org/draft-07/schema",
         "2020-12", "https://json-schema.org/draft/2020-12/schema"),
    Case('"silver/orders"', '"silver/order"', "LK201", '"silver/order"', "silver/order", "silver/orders"),
    Case('["string", "null"]', '["string", "integer"]', "LK202", '["string", "integer"]', "['string', 'integer']", "one JSON type"),
    Case('"decimal(18,2)"', '"decimal(39,2)"', "LK202", '"number"', "number", "decimal(18,4)"),
    Case('"decimal(18,2)"', '"strng"', "LK202", '"number"', "number", "Spark type"),
    Case('"decimal(18,2)"', '"timestamp"', "LK202", '"timestamp"', "timestamp", "agree"),
    Case('    "sequence": "updated_at"', '    "tracked": []', "LK204", '"merge"', "merge", "x-lake.sequence"),
    Case('"primary_key": ["order_id"]', '"primary_key": ["order_idd"]', "LK206", '"order_idd"', "order_idd", "a column", "order_id"),
    Case('"sequence": "updated_at"', '"sequence": "updatedat"', "LK206", '"updatedat"', "updatedat", "a column", "updated_at"),
    Case('["order_id", "updated_at"]', '["order_id", "updated_at", "amnt"]', "LK206", '"amnt"', "amnt", "a column"),
    Case('["order_id", "updated_at"]', '["order_id", "updated_at", "order_id"]', "LK005", '"order_id"],\n  "add', "order_id", "once"),
    Case('"sequence": "updated_at"', '"sequence": "updated_at", "unknown_member": {"amont": 0}', "LK206", "0}", "amont", "a column", "amount"),
    Case('"x-lake": {"type": "decimal(18,2)"', '"x-lake": {"derived_from": ["silver.orders.amunt"]', "LK206", '"silver.orders.amunt"', "silver.orders.amunt",
         "<layer>.<table>.<column>", "silver.orders.amount"),
    Case('"^[A-Z]{3}$"', '"^[A-Z{3}$"', "LK207", '"^[A-Z{3}$"', "^[A-Z{3}$", "regular expression"),
    Case('"sequence": "updated_at"', '"sequence": "updated_at", "incremental_from": ["silver.order"]', "LK208", '"silver.order"]', "silver.order", "schemas/",
         "silver.orders"),
    Case('["order_id", "updated_at"]', '["updated_at"]', "LK213", '"order_id": {', "order_id", "required"),
    Case('"In `currency`."', '"In `currency`.", "pattern": "x"', "LK215", '"pattern": "x"', "pattern", "text"),
    Case('"pattern": "^[A-Z]{3}$"', '"maximum": 3', "LK215", '"maximum"', "maximum", "numbers"),
    Case('"minimum": 1', '"enum": [1, "2"]', "LK215", '"enum"', "enum", "integer"),
    Case('"title": "Orders"', '"title": "Orders", "title": "Sales"', "LK005", '"title": "Sales"', "title", "once"),
    Case('"version": 1,', '"version": 1', "LK002", '"owner"', "", "valid JSON"),
]  # fmt: skip


@pytest.mark.parametrize("case", CONTRACT_CASES, ids=lambda c: f"{c.code}-{c.value}")
def test_a_fault_in_a_contract(case: Case, tmp_path: Path) -> None:
    text = CONTRACT.replace(case.old, case.new, 1)
    assert text != CONTRACT
    write(tmp_path, contract=text)
    expect_one(tmp_path, case, text, "schemas/silver/orders.schema.json")


BRONZE_CASES = [
    Case(',\n    "source": {"kind": "snowflake", "object": "RETAIL.PUBLIC.ORDERS", "system": "snowflake"}', "", "LK205", '{\n    "version"', "", "source"),
    Case('    "watermark_column": "updated_at",\n', "", "LK205", '{"kind"', "", "watermark_column"),
    Case('"ISO 4217 code."', '"ISO 4217 code.", "x-lake": {"tags": {"pii": "email"}}', "LK203", '["string", "null"]', "currency", "hash, partial or drop"),
    Case('"kind": "snowflake"', '"kind": "snowflak"', "LK103", '"snowflak"', "snowflak", "'kafka'", "snowflake"),
    Case('"system": "snowflake"', '"system": "snowflake", "partition_column": "id"', "LK206", '"id"', "id", "a column"),
]


@pytest.mark.parametrize("case", BRONZE_CASES, ids=lambda c: f"{c.code}-{c.value}")
def test_a_fault_that_only_a_bronze_contract_can_have(case: Case, tmp_path: Path) -> None:
    text = BRONZE.replace(case.old, case.new, 1)
    assert text != BRONZE
    write(tmp_path, "bronze.orders", text)
    expect_one(tmp_path, case, text, "schemas/bronze/orders.schema.json")


SUITE_CASES = [
    Case("table: silver.orders", "table: silver.order", "LK201", "silver.order", "silver.order", "silver.orders"),
    Case("severity: critical", "severity: fatal", "LK103", "fatal", "fatal", "'critical' or 'warn'"),
    Case("severity: critical", "severty: critical", "LK101", "severty", "severty", "severity", "severity"),
    Case("expect_column_values_to_not_be_null", "expect_column_values_not_null", "LK209", "expect_column_values_not_null", "expect_column_values_not_null",
         "Great Expectations", "expect_column_values_to_not_be_null"),
    Case("{column: order_id}", "{column: order_ids}", "LK206", "order_ids", "order_ids", "a column", "order_id"),
    Case("{column: order_id}", "{}", "LK210", "expect_column_values_to_not_be_null", "column", "column"),
    Case("{column: order_id}", "{column: order_id, mosty: 0.9}", "LK210", "mosty", "mosty", "mostly", "mostly"),
    Case("{column: order_id}", "{column: order_id, mostly: 2}", "LK210", "2}", "2", "at most 1"),
    Case("{column: order_id}", "{column: [order_id]}", "LK210", "[order_id]", "['order_id']", "a text"),
    Case("min_value: 0, max_value: 10", "strict_min: true", "LK210", "expect_column_values_to_be_between", "", "min_value, max_value or both"),
    Case("min_value: 0", "min_value: 11", "LK210", "11", "11", "lesser one first"),
    Case("expect_column_values_to_not_be_null\n    kwargs: {column: order_id}",
         "expect_column_values_to_match_regex\n    kwargs: {column: currency, regex: '('}", "LK207", "'('", "(", "regular expression"),
    Case("expect_column_values_to_not_be_null\n    kwargs: {column: order_id}",
         "expect_compound_columns_to_be_unique\n    kwargs: {column_list: order_id}", "LK210", "order_id", "order_id", "a list"),
    Case("expect_column_values_to_not_be_null\n    kwargs: {column: order_id}",
         "expect_column_values_to_exist_in_table\n    kwargs: {column: order_id, table: silver.odrers, table_column: order_id}", "LK208", "silver.odrers",
         "silver.odrers", "schemas/", "silver.orders"),
    Case("expect_column_values_to_not_be_null\n    kwargs: {column: order_id}",
         "expect_column_values_to_exist_in_table\n    kwargs: {column: order_id, table: silver.orders, table_column: oder_id}", "LK206", "oder_id", "oder_id",
         "a column", "order_id"),
    Case("severity: warn", "severity: warn\n    severity: critical", "LK005", "severity: critical\n", "severity", "once"),
    Case("severity: warn", "severity: *all", "LK009", "*all", "all", "written out"),
]  # fmt: skip


@pytest.mark.parametrize("case", SUITE_CASES, ids=lambda c: f"{c.code}-{c.value}")
def test_a_fault_in_a_suite(case: Case, tmp_path: Path) -> None:
    text = SUITE.replace(case.old, case.new, 1)
    assert text != SUITE
    write(tmp_path, suite=text)
    if case.code == "LK005":  # the first severity: critical is another rule's
        text = text.replace(case.at, "S" * len(case.at) + "\n", 1)
    expect_one(tmp_path, case, text, "schemas/silver/orders.dq.yml")


def test_a_sound_tree_has_no_fault(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, "bronze.orders", BRONZE)
    found = load_schemas(tmp_path)
    assert set(found.contracts) == set(found.suites) == {"silver.orders", "bronze.orders"}


def test_all_faults_of_all_files_are_reported_at_once_in_order(tmp_path: Path) -> None:
    write(tmp_path, contract=CONTRACT.replace('"owner"', '"onwer"').replace('"minimum": 1', '"minimum": "one"'), suite=SUITE.replace("warn", "warm"))
    write(tmp_path, "bronze.orders", "{", "table: bronze.orders\nexpectations: []\n")
    found = [(f.file, f.code) for f in faults_of(tmp_path)]
    silver = "schemas/silver/orders.schema.json"
    assert found == [
        ("schemas/bronze/orders.dq.yml", "LK103"),
        ("schemas/bronze/orders.schema.json", "LK002"),
        ("schemas/silver/orders.dq.yml", "LK103"),
        (silver, "LK102"),
        (silver, "LK101"),
        (silver, "LK103"),
    ]


def test_a_broken_contract_is_not_held_against_its_suite_or_its_readers(tmp_path: Path) -> None:
    write(tmp_path, "bronze.orders", BRONZE.replace('"version": 1', '"version": 0'))
    reader = CONTRACT.replace('"x-lake": {"type": "decimal(18,2)"}', '"x-lake": {"type": "decimal(18,2)", "derived_from": ["bronze.orders.amount"]}')
    write(tmp_path, contract=reader)
    assert [f.code for f in faults_of(tmp_path)] == ["LK103"]


@pytest.mark.parametrize(
    ("file", "code", "nearest"),
    [
        ("schemas/silver/orders.dq.yaml", "LK212", "dq.yml"),
        ("schemas/silver/orders.schema.jsn", "LK212", "schema.json"),
        ("schemas/sliver/orders.schema.json", "LK212", "silver"),
        ("schemas/silver/ordres.dq.yml", "LK208", "silver.orders"),
    ],
)
def test_a_file_that_nobody_would_read_is_a_fault(file: str, code: str, nearest: str, tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(SUITE.replace("silver.orders", "silver.ordres"), encoding="utf-8")
    (fault,) = faults_of(tmp_path)
    assert (fault.code, fault.nearest) == (code, nearest)
    assert file.startswith(fault.file)


def test_a_table_without_a_suite_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path, suite=None)
    assert [(f.code, f.file) for f in faults_of(tmp_path)] == [("LK211", "schemas/silver/orders.schema.json")]


def test_a_tree_without_schemas_is_a_fault_and_not_an_empty_platform(tmp_path: Path) -> None:
    assert [(f.code, f.file) for f in faults_of(tmp_path)] == [("LK001", "schemas")]


def test_a_table_name_is_lower_case(tmp_path: Path) -> None:
    write(tmp_path, "silver.Orders", CONTRACT.replace("silver/orders", "silver/Orders"), None)
    assert "LK201" in [f.code for f in faults_of(tmp_path)]


def test_two_tables_cannot_share_a_watermark(tmp_path: Path) -> None:
    write(tmp_path, "bronze.orders", BRONZE)
    write(tmp_path, "bronze.sales", BRONZE.replace("bronze/orders", "bronze/sales"))
    (fault,) = faults_of(tmp_path)
    assert (fault.code, fault.value) == ("LK214", "orders.updated_at")
    assert "bronze.orders" in fault.what


@pytest.mark.parametrize(
    ("write_as", "missing"), [("recompute", {"recompute_by", "partition_by"}), ("scd2", {"tracked", "business_key"})], ids=["recompute", "scd2"]
)
def test_a_way_of_writing_names_everything_that_it_needs(write_as: str, missing: set[str], tmp_path: Path) -> None:
    write(tmp_path, contract=CONTRACT.replace('"merge"', f'"{write_as}"'))
    found = faults_of(tmp_path)
    assert {f.code for f in found} == {"LK204"}
    assert {f.wanted for f in found} == {f"x-lake.{name}" for name in missing}


def test_what_a_file_says_cannot_steer_a_terminal(tmp_path: Path) -> None:
    write(tmp_path, contract=CONTRACT.replace('"title"', '"\\u001b[2Jx\\n": 1, "title"'))
    with pytest.raises(FaultsError) as found:
        load_schemas(tmp_path)
    assert "\x1b" not in str(found.value)
    assert str(found.value).count("\n") == 0
