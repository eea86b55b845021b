"""The rules of personal data hold for contracts in the short form as for JSON Schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.access import load_policy
from tests.lakehouse.access.builders import faults_of, write

TRIPS = """description: Trips.
owner: retail_data
source: {kind: landing, object: city/trips, format: csv}
sequence: at
columns:
  id: string key pii=none | Number.
  rider: string? pii=none | Who rode.
  at: timestamp pii=none | When.
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "value", "nearest"),
    [
        ("string? pii=none", "string?", "LK411", (7, 3), "rider", ""),
        ("string? pii=none", "string? mask=hash", "LK410", (7, 3), "rider", ""),
        ("string? pii=none", "string? pii=emial mask=hash", "LK402", (7, 3), "emial", "email"),
        ("string? pii=none", "string? pii=none patern=^A$", "LK401", (7, 3), "patern", "pattern"),
        ("retail_data", "nobody", "LK409", (2, 8), "nobody", ""),
    ],
)
def test_a_fault_of_tags_is_reported_at_the_line_of_the_column(
    old: str, new: str, code: str, place: tuple[int, int], value: str, nearest: str, tmp_path: Path
) -> None:
    write(tmp_path)
    file = tmp_path / "schemas/bronze/trips.yml"
    file.write_text(TRIPS.replace(old, new, 1), encoding="utf-8")
    (fault,) = faults_of(tmp_path)
    assert (fault.code, fault.file, (fault.line, fault.column)) == (code, "schemas/bronze/trips.yml", place)
    assert (fault.value, fault.nearest) == (value, nearest)


def test_a_short_contract_that_states_all_tags_has_no_fault(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "schemas/bronze/trips.yml").write_text(TRIPS, encoding="utf-8")
    assert list(load_policy(tmp_path).roles) == ["analyst", "steward"]
