"""A wrong word hides no fault of another part."""

from __future__ import annotations

from pathlib import Path

from lakehouse.contracts.suite import Suite
from lakehouse.reading.faults import Fault
from lakehouse.reading.repair import repaired
from tests.lakehouse.contracts.builders import CONTRACT, SUITE, faults_of, write


def codes(faults: list[Fault]) -> list[tuple[str, str]]:
    return [(Path(f.file).name, f.code) for f in faults]


def test_a_wrong_severity_does_not_hide_a_wrong_column(tmp_path: Path) -> None:
    lines = "\n".join(
        [
            "table: silver.orders",
            "expectations:",
            "  - type: expect_column_values_to_not_be_null",
            "    kwargs: {column: order_idd}",
            "    severity: citical",
            "  - type: expect_column_values_to_be_unique",
            "    kwargs: {column: order_id, mostli: 2}",
            "    severity: wran",
            "    wy: x",
        ]
    )
    write(tmp_path, suite=lines + "\n")
    faults = faults_of(tmp_path)
    assert {f.code for f in faults} == {"LK103", "LK206", "LK210", "LK101"}
    places = {(f.line, f.code) for f in faults}
    assert places == {(4, "LK206"), (5, "LK103"), (7, "LK210"), (8, "LK103"), (9, "LK101")}


def test_a_wrong_word_of_a_contract_does_not_hide_what_its_suite_names(tmp_path: Path) -> None:
    contract = CONTRACT.replace('"owner"', '"onwer"')
    write(tmp_path, contract=contract, suite=SUITE.replace("column: order_id", "column: order_idd", 1))
    assert codes(faults_of(tmp_path)) == [
        ("orders.dq.yml", "LK206"),
        ("orders.schema.json", "LK102"),
        ("orders.schema.json", "LK101"),
    ]


def test_a_value_of_no_shape_at_all_is_left_alone() -> None:
    assert repaired(Suite, []) is None
    assert repaired(Suite, {"table": "silver.orders", "expectations": []}) is None
    whole = repaired(Suite, {"table": "silver.orders", "expectations": [{"type": "x", "severity": "warm"}]})
    assert whole is not None
    assert whole.expectations[0].severity == "warn"
