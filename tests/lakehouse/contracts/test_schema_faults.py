"""Every fault that a contract can have is reported with file, line, column, value, wanted shape and nearest
name.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.contracts import load_schemas
from tests.lakehouse.contracts.builders import BRONZE, CONTRACT, Case, expect_one, faults_of, write

CONTRACT_CASES = [
    Case(
        '"title"', '"titel": 1, "title"', "LK101", '"titel"', "titel", "one of $schema, $id, title", "title"
    ),
    Case('"minimum"', '"minimun"', "LK101", '"minimun"', "minimun", "exclusiveMinimum", "minimum"),
    Case(
        '"additionalProperties"',
        '"additional_properties"',
        "LK101",
        '"additional_properties"',
        "additional_properties",
        "additionalProperties",
        "additionalProperties",
    ),
    Case('{"type": "decimal(18,2)"}', '{"typ": "int"}', "LK101", '"typ":', "typ", "derived_from", "type"),
    Case('    "owner": "retail_data",\n', "", "LK102", '"x-lake"', "owner", "owner"),
    Case(
        ', "description": "ISO 4217 code."',
        "",
        "LK102",
        '"currency": {',
        "description",
        "what it is, its unit",
    ),
    Case(
        '"x-lake": {"type": "decimal(18,2)"',
        '"x-lake": {"date_format": "dd.MM.yyyy"',
        "LK270",
        '"dd.MM.yyyy"',
        "dd.MM.yyyy",
        "epoch_millis",
    ),
    Case('"version": 1', '"version": "1"', "LK103", '"1"', "1", "valid integer"),
    Case('"version": 1', '"version": 0', "LK103", "0,\n", "0", "greater than or equal to 1"),
    Case('"write": "merge"', '"write": "merg"', "LK103", '"merg"', "merg", "'append', 'merge'", "merge"),
    Case('"type": "integer"', '"type": "integr"', "LK103", '"integr"', "integr", "'integer'", "integer"),
    Case('["string", "null"]', '["string", "nul"]', "LK103", '"nul"', "nul", "'null'", "null"),
    Case(
        "https://json-schema.org/draft/2020-12/schema",
        "http://json-schema.org/draft-07/schema",
        "LK103",
        '"http://',
        "http://json-schema.org/draft-07/schema",
        "2020-12",
        "https://json-schema.org/draft/2020-12/schema",
    ),
    Case('"silver/orders"', '"silver/order"', "LK201", '"silver/order"', "silver/order", "silver/orders"),
    Case(
        '["string", "null"]',
        '["string", "integer"]',
        "LK202",
        '["string", "integer"]',
        "['string', 'integer']",
        "one JSON type",
    ),
    Case('"decimal(18,2)"', '"decimal(39,2)"', "LK202", '"number"', "number", "decimal(18,4)"),
    Case('"decimal(18,2)"', '"strng"', "LK202", '"number"', "number", "Spark type"),
    Case('"decimal(18,2)"', '"timestamp"', "LK202", '"timestamp"', "timestamp", "agree"),
    Case('    "sequence": "updated_at"', '    "tracked": []', "LK204", '"merge"', "merge", "x-lake.sequence"),
    Case(
        '"primary_key": ["order_id"]',
        '"primary_key": ["order_idd"]',
        "LK206",
        '"order_idd"',
        "order_idd",
        "a column",
        "order_id",
    ),
    Case(
        '"sequence": "updated_at"',
        '"sequence": "updatedat"',
        "LK206",
        '"updatedat"',
        "updatedat",
        "a column",
        "updated_at",
    ),
    Case(
        '["order_id", "updated_at"]',
        '["order_id", "updated_at", "amnt"]',
        "LK206",
        '"amnt"',
        "amnt",
        "a column",
        "amount",
    ),
    Case(
        '["order_id", "updated_at"]',
        '["order_id", "updated_at", "order_id"]',
        "LK005",
        '"order_id"],\n  "add',
        "order_id",
        "once",
    ),
    Case(
        '"sequence": "updated_at"',
        '"sequence": "updated_at", "unknown_member": {"amont": 0}',
        "LK206",
        "0}",
        "amont",
        "a column",
        "amount",
    ),
    Case(
        '"x-lake": {"type": "decimal(18,2)"',
        '"x-lake": {"derived_from": ["silver.orders.amunt"]',
        "LK206",
        '"silver.orders.amunt"',
        "silver.orders.amunt",
        "<layer>.<table>.<column>",
        "silver.orders.amount",
    ),
    Case('"^[A-Z]{3}$"', '"^[A-Z{3}$"', "LK207", '"^[A-Z{3}$"', "^[A-Z{3}$", "regular expression"),
    Case(
        '"sequence": "updated_at"',
        '"sequence": "updated_at", "incremental_from": ["silver.order"]',
        "LK208",
        '"silver.order"]',
        "silver.order",
        "schemas/",
        "silver.orders",
    ),
    Case('["order_id", "updated_at"]', '["updated_at"]', "LK213", '"order_id": {', "order_id", "required"),
    Case(
        '"In `currency`."', '"In `currency`.", "pattern": "x"', "LK215", '"pattern": "x"', "pattern", "text"
    ),
    Case('"pattern": "^[A-Z]{3}$"', '"maximum": 3', "LK215", '"maximum"', "maximum", "numbers"),
    Case(
        '"pattern": "^[A-Z]{3}$"',
        '"pattern": "^[A-Z]{3}$", "examples": ["USD", "euro"]',
        "LK216",
        '"euro"',
        "euro",
        "pattern",
    ),
    Case(
        '"pattern": "^[A-Z]{3}$"',
        '"maxLength": 3, "examples": ["USD", "euro"]',
        "LK216",
        '"euro"',
        "euro",
        "maxLength",
    ),
    Case(
        '"^[A-Z]{3}$"',
        '"^(?P<c>[A-Z]{3})$"',
        "LK207",
        '"^(?P<c>[A-Z]{3})$"',
        "^(?P<c>[A-Z]{3})$",
        "Java, ECMA-262 and Python",
    ),
    Case('"currency": {', '"xmin": {', "LK227", '"xmin"', "xmin", "63 characters"),
    Case('"currency": {', '"_deleted": {', "LK227", '"_deleted"', "_deleted", "63 characters"),
    Case('"currency": {', '"_corrupt": {', "LK227", '"_corrupt"', "_corrupt", "begins with a letter"),
    Case('"currency": {', '"insertxid": {', "LK227", '"insertxid"', "insertxid", "63 characters"),
    Case('"currency": {', f'"{"c" * 64}": {{', "LK227", f'"{"c" * 64}"', "c" * 64, "63 characters"),
    Case('"minimum": 1', '"minimum": 3, "maximum": 2', "LK225", '"minimum"', "minimum", "some value"),
    Case(
        '"minimum": 1',
        '"exclusiveMinimum": 2, "maximum": 2',
        "LK225",
        '"exclusiveMinimum"',
        "exclusiveMinimum",
        "some value",
    ),
    Case('"pattern": "^[A-Z]{3}$"', '"enum": [null]', "LK225", '"enum"', "enum", "some value"),
    Case(
        '"pattern": "^[A-Z]{3}$"',
        '"minLength": 4, "maxLength": 3',
        "LK225",
        '"minLength"',
        "minLength",
        "some value",
    ),
    Case('"minimum": 1', '"minimum": 1, "examples": [7, 0]', "LK216", "0]", "0", "minimum"),
    Case('"minimum": 1', '"examples": [1, "2"]', "LK215", '"examples"', "examples", "integer"),
    Case('"minimum": 1', '"enum": [1, "2"]', "LK215", '"enum"', "enum", "integer"),
    Case(
        '"title": "Orders"',
        '"title": "Orders", "title": "Sales"',
        "LK005",
        '"title": "Sales"',
        "title",
        "once",
    ),
    Case('"version": 1,', '"version": 1', "LK002", '"owner"', "", "valid JSON"),
]


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


BRONZE_CASES = [
    Case('    "watermark_column": "updated_at",\n', "", "LK205", '{"kind"', "", "watermark_column"),
    Case(
        '"ISO 4217 code."',
        '"ISO 4217 code.", "x-lake": {"tags": {"pii": "email"}}',
        "LK203",
        '["string", "null"]',
        "currency",
        "hash, partial, drop or clear",
    ),
    Case(
        '"kind": "snowflake"', '"kind": "snowflak"', "LK103", '"snowflak"', "snowflak", "'kafka'", "snowflake"
    ),
    Case(
        '"system": "snowflake"',
        '"system": "snowflake", "partition_column": "id"',
        "LK206",
        '"id"',
        "id",
        "a column",
    ),
]


@pytest.mark.parametrize("case", BRONZE_CASES, ids=lambda c: f"{c.code}-{c.value}")
def test_a_fault_that_only_a_bronze_contract_can_have(case: Case, tmp_path: Path) -> None:
    text = BRONZE.replace(case.old, case.new, 1)
    assert text != BRONZE
    write(tmp_path, "bronze.orders", text)
    expect_one(tmp_path, case, text, "schemas/bronze/orders.schema.json")
