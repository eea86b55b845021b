"""What a contract says of the tables that its rows look up is checked before a run could fail on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.reading.faults import FaultsError
from tests.glue_jobs.builders import SCHEMA

KEYED = {"table": "gold.dim", "on": {"dim_id": "id"}}
AS_OF = {**KEYED, "at": "sold_at", "valid_from": "valid_from", "valid_to": "valid_to"}
INTEGER, MOMENT = {"type": "integer"}, {"type": "string", "format": "date-time"}
DAY = {"type": "string", "format": "date"}


def write(root: Path, table: str, columns: dict[str, Any], **lake: Any) -> None:
    layer, name = table.split(".")
    x_lake = {"version": 1, "owner": "tests", "primary_key": ["id"], **lake}
    document = {
        "$schema": SCHEMA,
        "$id": f"{layer}/{name}",
        "title": name,
        "description": name,
        "type": "object",
        "properties": {c: {"description": c, **p} for c, p in columns.items()},
        "required": list(columns),
        "x-lake": x_lake,
    }
    folder = root / "schemas" / layer
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.schema.json").write_text(json.dumps(document))
    (folder / f"{name}.dq.yml").write_text(
        f"table: {table}\nexpectations:\n  - type: expect_column_to_exist\n"
        "    kwargs: {column: id}\n    severity: warn\n"
    )


def faults(root: Path, reference: str | None = "gold.dim.id", **lake: Any) -> list[tuple[str, str]]:
    """(code, message) of every fault of a fact that follows silver.sales and looks gold.dim up."""
    for layer in ("bronze", "silver", "gold"):
        (root / "schemas" / layer).mkdir(parents=True, exist_ok=True)
    sales = {"id": INTEGER, "dim_id": INTEGER, "sold_at": MOMENT, "day": DAY}
    write(root, "silver.sales", sales, write="merge", sequence="sold_at")
    dim = {"id": INTEGER, "valid_from": MOMENT, "valid_to": MOMENT}
    write(root, "gold.dim", dim, write="merge", sequence="valid_from")
    looked_up = {**INTEGER, **({"x-lake": {"reference": reference}} if reference else {})}
    days = {"write": "recompute", "recompute_by": "day", "partition_by": ["day"]}
    facts = {**days, "incremental_from": ["silver.sales"], **lake}
    write(root, "gold.fact", {"id": INTEGER, "dim_sk": looked_up, "day": DAY}, **facts)
    try:
        load_schemas(root)
    except FaultsError as error:
        return [(fault.code, fault.what) for fault in error.faults]
    return []


@pytest.mark.parametrize("dependency", [KEYED, AS_OF], ids=["by key", "as of"])
def test_dimension_may_be_looked_up_by_key_or_as_of(tmp_path: Path, dependency: dict[str, Any]) -> None:
    assert faults(tmp_path, depends_on=[dependency]) == []


def test_dimension_in_incremental_from_is_a_fault_that_names_depends_on(tmp_path: Path) -> None:
    ((code, message),) = faults(tmp_path, incremental_from=["silver.sales", "gold.dim"])
    assert (code, message) == ("LK333", "gold.dim has no day: neither a column 'day' nor a partition")


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"table": "gold.dims"}, "LK208", "table 'gold.dims' has no contract"),
        ({"on": {"dim": "id"}}, "LK206", "silver.sales has no column 'dim'"),
        ({"on": {"dim_id": "sk"}}, "LK206", "gold.dim has no column 'sk'"),
        ({"valid_from": None}, "LK334", "`at` and valid_from go together"),
        ({"on": {}, "at": None, "valid_from": None, "valid_to": None}, "LK334", "neither `on` nor `at`"),
        ({"per": ["id"]}, "LK334", "`per` is of rows that end where the next one begins"),
        ({"table": "silver.sales", "on": {"id": "id"}}, "LK334", "is in incremental_from too"),
    ],
)
def test_dependency_that_no_run_could_follow_is_a_fault(
    tmp_path: Path, changed: dict[str, Any], code: str, message: str
) -> None:
    dependency = {key: value for key, value in {**AS_OF, **changed}.items() if value is not None}
    noted = faults(tmp_path, depends_on=[dependency])
    assert any(c == code and message in m for c, m in noted), noted


def test_dependency_of_which_no_column_is_derived_is_a_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, None, depends_on=[KEYED]) == [
        ("LK335", "no column is derived from gold.dim or refers to it")
    ]


def test_only_merged_and_recomputed_tables_derive_rows_again(tmp_path: Path) -> None:
    ((code, message),) = faults(tmp_path, depends_on=[KEYED], write="replace")
    assert (code, message) == ("LK334", "a table that is written by replace derives no rows again")
