"""A short contract stands for a contract and a suite; its faults are at the lines of the short file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cli.project.export import fact_schemas
from lakehouse.contracts import load_schemas
from lakehouse.contracts.files import read_table_files
from lakehouse.contracts.short.column_line import FLAGS, WORDS
from lakehouse.contracts.short.rules import RULES
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector, FaultsError

TRIPS = """description: One row per trip. The city publishes them daily.
owner: mobility
source: {kind: landing, object: city/trips, format: csv}
sequence: ended_at
columns:
  trip_id: string key pii=none | Number of the trip.
  fare: decimal(10,2)? pii=none min=0 | USD; null where free.
  rider_email: {type: string?, tags: {pii: email}, mask: hash, format: email, description: Who rode.}
  ended_at: timestamp pii=none | When it ended, UTC.
suite:
- {between: {column: fare, min_value: 0, max_value: 500}, severity: warn, why: The dearest was 80.}
- {not_null: [fare, ended_at]}
"""


def project(folder: Path, text: str, name: str = "schemas/bronze/trips.yml") -> Path:
    for layer in ("bronze", "silver", "gold"):
        (folder / "schemas" / layer).mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def faults_of(root: Path) -> list[str]:
    with pytest.raises(FaultsError) as error:
        load_schemas(root)
    return [str(fault) for fault in error.value.faults]


def expanded(root: Path) -> dict[str, Any]:
    files = read_table_files(root / "schemas/bronze/trips.yml", Collector(root))
    assert files.contract is not None
    document: dict[str, Any] = files.contract.value
    return document


def test_short_contract_has_what_it_says_and_the_conventions_beside(tmp_path: Path) -> None:
    schemas = load_schemas(project(tmp_path, TRIPS))
    contract, suite = schemas.contracts["bronze.trips"], schemas.suites["bronze.trips"]
    assert [(c.name, c.type, c.nullable) for c in contract.columns] == [
        ("trip_id", "string", False),
        ("fare", "decimal(10,2)", True),
        ("rider_email", "string", True),
        ("ended_at", "timestamp", False),
    ]
    lake = contract.lake
    assert (contract.title, lake.version, lake.write, lake.primary_key) == (
        "One row per trip",
        1,
        "append",
        ["trip_id"],
    )
    assert lake.source is not None
    assert (lake.source.system, lake.watermark_column, lake.watermark_state_key) == (
        "city",
        "ended_at",
        "trips.files",
    )
    rules = [(e.type, e.columns, e.severity) for e in suite.expectations]
    assert ("expect_column_values_to_be_between", ["fare"], "warn") in rules
    for column in ("trip_id", "fare", "ended_at", "_run_date"):
        assert ("expect_column_values_to_not_be_null", [column], "critical") in rules


def test_expanded_contract_keeps_the_published_schema_of_contracts(tmp_path: Path) -> None:
    document = expanded(project(tmp_path, TRIPS))
    validator = jsonschema.Draft202012Validator(fact_schemas()["contract.schema.json"])
    assert [error.message for error in validator.iter_errors(document)] == []
    jsonschema.Draft202012Validator.check_schema(document)
    row = {"trip_id": "1", "fare": None, "rider_email": "a@b.c", "ended_at": "2017-01-01T00:00:00Z"}
    jsonschema.validate(row, document)
    with pytest.raises(jsonschema.ValidationError, match="-1 is less than the minimum of 0"):
        jsonschema.validate({**row, "fare": -1}, document)


def test_an_editor_knows_the_keys_of_a_short_contract() -> None:
    validator = jsonschema.Draft202012Validator(fact_schemas()["table.schema.json"])
    wrong = {"description": "d", "owner": "o", "columns": {"a": "string | A."}, "sequenze": "a"}
    assert [e.message for e in validator.iter_errors(wrong)] == [
        "Additional properties are not allowed ('sequenze' was unexpected)"
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "owner: mobility",
            "ownr: mobility",
            ["trips.yml:2:1: LK101 unknown key 'ownr'", "LK102 key 'owner'"],
        ),
        ("string key", "strin key", ["trips.yml:6:12: LK217 column 'trip_id': 'strin' is no type"]),
        ("min=0", "min=low", ["trips.yml:7:9: LK217 column 'fare': 'low' is no number"]),
        ("type: string?, tags", "type: strin?, tags", ["trips.yml:8:16: LK217 column 'rider_email'"]),
        ("sequence: ended_at", "sequence: ended", ["trips.yml:4:11: LK206", "did you mean 'ended_at'?"]),
        ("string key", "string", ["LK102 key 'x-lake.primary_key' is missing"]),
        ("mask: hash, ", "", ["trips.yml:8", "LK203"]),
        ("format: csv", "format: cvs", ["trips.yml:3", "LK103 source.format = 'cvs'", "did you mean 'csv'?"]),
        (
            "timestamp pii=none",
            "timestamp date_format=dd.MM.YYYY pii=none",
            ["trips.yml:9:3: LK270 date_format 'dd.MM.YYYY' of column 'ended_at'", "'YYYY' means nothing"],
        ),
        (
            "format: csv",
            "format: csv, csv: {header: false, columns: [fare]}",
            ["trips.yml:3:88: LK271 the source has no place for the required column 'trip_id'"],
        ),
        (
            "format: csv",
            "format: csv, csv: {decimal: ',', thousands: ','}",
            ["trips.yml:3", "LK103", "`thousands` and `decimal` are both ','"],
        ),
        ("- {between", "- {betwen", ["trips.yml:11:4: LK209 'betwen' is no rule", "did you mean 'between'?"]),
        ("column: fare", "column: fair", ["trips.yml:11", "LK206", "did you mean 'fare'?"]),
        ("not_null: [fare", "not_null: [far", ["trips.yml:12", "LK206"]),
        ("severity: warn", "severity: wran", ["trips.yml:11", "LK103", "did you mean 'warn'?"]),
        ("min=0 | USD", "min=0 pattern=^a$ | USD", ["trips.yml:7", "LK215"]),
        (
            "columns:\n",
            "columns:\n  trip_id: int | Twice.\n",
            ["trips.yml:7", "LK005 key 'trip_id' stands twice"],
        ),
    ],
)
def test_fault_is_at_its_line_of_the_short_file(
    tmp_path: Path, old: str, new: str, expected: list[str]
) -> None:
    assert old in TRIPS
    faults = "\n".join(faults_of(project(tmp_path, TRIPS.replace(old, new, 1))))
    assert all(part in faults for part in expected), faults


def test_faults_of_several_lines_come_at_once(tmp_path: Path) -> None:
    text = TRIPS.replace("string key", "strin key").replace("min=0", "min=low").replace("owner:", "ownr:")
    assert [
        fault.split(":")[1]
        for fault in faults_of(project(tmp_path, text))
        if "LK2" in fault or "LK101" in fault
    ] == [
        "2",
        "6",
        "7",
    ]


def test_table_of_another_layer_states_how_it_is_written(tmp_path: Path) -> None:
    root = project(tmp_path, TRIPS, "schemas/silver/trips.yml")
    assert any("LK102 key 'x-lake.write' is missing" in fault for fault in faults_of(root))


def test_table_with_two_contracts_is_a_fault(tmp_path: Path) -> None:
    root = project(tmp_path, TRIPS)
    project(root, "{}", "schemas/bronze/trips.schema.json")
    assert any("trips.yml: LK218 the table has two contracts" in fault for fault in faults_of(root))


def test_suite_of_its_own_takes_the_place_of_the_one_in_the_contract(tmp_path: Path) -> None:
    root = project(tmp_path, TRIPS)
    rule = "{type: expect_table_row_count_to_be_between, kwargs: {min_value: 5}, severity: critical}"
    project(root, f"table: bronze.trips\nexpectations:\n- {rule}\n", "schemas/bronze/trips.dq.yml")
    assert any("LK218 the suite stands twice" in fault for fault in faults_of(root))
    project(root, TRIPS[: TRIPS.index("suite:")])
    suite = load_schemas(root).suites["bronze.trips"]
    assert [e.kwargs for e in suite.expectations] == [{"min_value": 5}]


def test_example_of_the_guide_is_sound_and_its_tables_name_each_word(tmp_path: Path) -> None:
    guide = (project_root() / "docs/guides/contracts.md").read_text(encoding="utf-8")
    example = guide.split("```yaml\n")[1].split("```")[0]
    contract = load_schemas(project(tmp_path, example)).contracts["bronze.trips"]
    assert [column.name for column in contract.columns] == ["trip_id", "fare", "rider_email", "ended_at"]
    for word in (*RULES, *WORDS, *FLAGS):
        assert f"`{word}" in guide, word
