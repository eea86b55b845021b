"""A source that cannot exist, and a name of the source that two columns spell differently, are faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.contracts import load_schemas
from tests.lakehouse.contracts.short.test_expand import faults_of, project

TABLE = """description: Rows of another system.
owner: mobility
source: {source}
sequence: at
columns:
  id: string key pii=none | Number.
  other: {other}
  at: timestamp pii=none | When.
"""
CSV = "{kind: landing, object: city/trips, format: csv}"


def table(source: str = CSV, other: str = "string? pii=none | Text.") -> str:
    return TABLE.replace("{source}", source).replace("{other}", other)


@pytest.mark.parametrize(
    "name",
    [
        "s3://files/trips",
        "/city/trips",
        "city//trips",
        "../trips",
        "city/../trips",
        "./trips",
        " city/trips",
        "city\\\\trips",
    ],
)
def test_a_landing_folder_that_no_upload_makes_is_refused(name: str, tmp_path: Path) -> None:
    root = project(tmp_path, table(f'{{kind: landing, object: "{name}", format: csv}}'))
    (fault,) = faults_of(root)
    assert fault.startswith("schemas/bronze/trips.yml:3:")
    assert "LK292" in fault


@pytest.mark.parametrize("name", ["city trips", "city/trips", "..", "thème", "t" * 250])
def test_a_topic_that_kafka_refuses_is_refused(name: str, tmp_path: Path) -> None:
    root = project(tmp_path, table(f'{{kind: kafka, object: "{name}", format: json_lines}}'))
    assert any("LK292" in fault for fault in faults_of(root))


@pytest.mark.parametrize("name", ["SHOP.PUBLIC.", "SHOP..ORDERS", "A.B.C.D", "SHOP.'%'", 'SHOP.\\"My\\".T'])
def test_a_table_of_a_warehouse_with_empty_or_quoted_parts_is_refused(name: str, tmp_path: Path) -> None:
    root = project(tmp_path, table(f'{{kind: snowflake, object: "{name}"}}'))
    assert any("LK292" in fault for fault in faults_of(root)), name


@pytest.mark.parametrize(
    "source",
    [
        CSV,
        "{kind: landing, object: city/trips 2024/über_alles.v2/, format: csv}",
        "{kind: landing, object: ..hidden/x, format: csv}",
        "{kind: kafka, object: city.trips-v2_x, format: json_lines}",
        "{kind: snowflake, object: SHOP.PUBLIC.ORDERS}",
        "{kind: snowflake, object: SHOP.PUBLIC.Order Lines}",
        "{kind: redshift, object: public.orders}",
    ],
)
def test_names_that_can_exist_are_taken(source: str, tmp_path: Path) -> None:
    assert "bronze.trips" in load_schemas(project(tmp_path, table(source))).contracts


@pytest.mark.parametrize("name", ["ID", "Id"])
def test_two_columns_that_read_one_name_in_two_spellings_are_refused(name: str, tmp_path: Path) -> None:
    (fault,) = faults_of(project(tmp_path, table(other=f"string? pii=none source={name} | Text.")))
    assert fault.startswith("schemas/bronze/trips.yml:7:3: LK291 columns 'id' and 'other' read 'id' and")


def test_names_in_two_normal_forms_are_one_column(tmp_path: Path) -> None:
    columns = 'string? pii=none source="r\u00f6t" | A.\n  more: string? pii=none source="ro\u0308t" | B.'
    assert any("LK291" in fault for fault in faults_of(project(tmp_path, table(other=columns))))


def test_two_columns_may_hold_one_column_of_the_source(tmp_path: Path) -> None:
    schemas = load_schemas(project(tmp_path, table(other="string? pii=none source=id | Text.")))
    assert [c.source_name for c in schemas.contracts["bronze.trips"].columns] == ["id", "id", "at"]


def test_quoted_names_of_a_warehouse_differ_by_case(tmp_path: Path) -> None:
    text = table("{kind: snowflake, object: SHOP.PUBLIC.ORDERS}", "string? pii=none source=ID | Text.")
    assert "bronze.trips" in load_schemas(project(tmp_path, text)).contracts


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ('row_count: {min_value: "1"}', "'1'"),
        ("row_count: {max_value: 1.5}", "1.5"),
        ("row_count: {min_value: -1}", "-1"),
        ('lengths: {column: id, min_value: "2"}', "'2'"),
        ("lengths: {column: id, max_value: 2.5}", "2.5"),
    ],
)
def test_a_number_of_rows_or_characters_is_a_whole_number(rule: str, value: str, tmp_path: Path) -> None:
    (fault,) = faults_of(project(tmp_path, f"{table()}suite:\n- {{{rule}}}\n"))
    assert "LK210 m" in fault
    assert f"= {value}; wanted a whole number without quotes, 0 or more" in fault


@pytest.mark.parametrize("text", ["", "# nothing\n", "- id\n", "id\n"])
def test_a_file_without_keys_says_that_keys_are_wanted(text: str, tmp_path: Path) -> None:
    (fault,) = faults_of(project(tmp_path, text))
    assert "LK103 document = " in fault
    assert fault.endswith("wanted keys with values, as `key: value`")
