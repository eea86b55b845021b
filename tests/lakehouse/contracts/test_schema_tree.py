"""The faults of a tree as a whole: all at once, none twice, and no file that nobody reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.reading.faults import FaultsError
from tests.lakehouse.contracts.builders import BRONZE, CONTRACT, SUITE, faults_of, write


def test_a_sound_tree_has_no_fault(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, "bronze.orders", BRONZE)
    schemas = load_schemas(tmp_path)
    assert set(schemas.contracts) == set(schemas.suites) == {"silver.orders", "bronze.orders"}


def test_all_faults_of_all_files_are_reported_at_once_in_order(tmp_path: Path) -> None:
    write(
        tmp_path,
        contract=CONTRACT.replace('"owner"', '"onwer"').replace('"minimum": 1', '"minimum": "one"'),
        suite=SUITE.replace("warn", "warm"),
    )
    write(tmp_path, "bronze.orders", "{", "table: bronze.orders\nexpectations: []\n")
    reported = [(f.file, f.code) for f in faults_of(tmp_path)]
    silver = "schemas/silver/orders.schema.json"
    assert reported == [
        ("schemas/bronze/orders.dq.yml", "LK103"),
        ("schemas/bronze/orders.schema.json", "LK002"),
        ("schemas/silver/orders.dq.yml", "LK103"),
        (silver, "LK102"),
        (silver, "LK101"),
        (silver, "LK103"),
    ]


def test_a_broken_contract_is_not_held_against_its_suite_or_its_readers(tmp_path: Path) -> None:
    write(tmp_path, "bronze.orders", BRONZE.replace('"version": 1', '"version": 0'))
    reader = CONTRACT.replace(
        '"x-lake": {"type": "decimal(18,2)"}',
        '"x-lake": {"type": "decimal(18,2)", "derived_from": ["bronze.orders.amount"]}',
    )
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
    ("write_as", "missing"),
    [(kind, {"recompute_by", "partition_by"}) for kind in ("recompute", "snapshot")]
    + [("scd2", {"tracked", "business_key"})],
    ids=["recompute", "snapshot", "scd2"],
)
def test_a_way_of_writing_names_everything_that_it_needs(
    write_as: str, missing: set[str], tmp_path: Path
) -> None:
    write(tmp_path, contract=CONTRACT.replace('"merge"', f'"{write_as}"'))
    reported = faults_of(tmp_path)
    assert {f.code for f in reported} == {"LK204"}
    assert {f.wanted for f in reported} == {f"x-lake.{name}" for name in missing}


def test_what_a_file_says_cannot_steer_a_terminal(tmp_path: Path) -> None:
    write(tmp_path, contract=CONTRACT.replace('"title"', '"\\u001b[2Jx\\n": 1, "title"'))
    with pytest.raises(FaultsError) as caught:
        load_schemas(tmp_path)
    assert "\x1b" not in str(caught.value)
    assert str(caught.value).count("\n") == 0
