"""A published column that its warehouse cannot hold is a fault at its contract, before anything runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from glue_jobs.warehouses.sql_table import sql_table
from glue_jobs.warehouses.warehouse import WarehouseError
from lakehouse.contracts.reader import read_schemas
from lakehouse.contracts.sink_types import TYPES
from lakehouse.pipelines import load_pipelines
from lakehouse.pipelines.publish_checks import check_publish
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector, Fault

JOBS = {"redshift": "publish_gold_to_redshift", "snowflake": "publish_gold_to_snowflake"}
FILE = "schemas/gold/dim_product.schema.json"
ARRAY, BINARY, FINE = "array<struct<sku:string>>", "binary", "decimal(38,38)"


def published(root: Path, warehouse: str, column: dict[str, Any]) -> list[Fault]:
    """The faults of a publish whose dim_product has one more column `extra`."""
    shutil.copytree(project_root() / "schemas", root / "schemas", dirs_exist_ok=True)
    document = json.loads((root / FILE).read_text())
    document["properties"]["extra"] = column
    (root / FILE).write_text(json.dumps(document, indent=2))
    faults = Collector(root)
    contracts = read_schemas(faults).contracts
    assert not [f for f in faults.faults if f.file == FILE]
    check_publish(load_pipelines()["retail"].job(JOBS[warehouse]), contracts, faults)
    if faults.faults:
        with_types = contracts["gold.dim_product"], '"gold"', TYPES[warehouse], str
        if "decimal" not in column["x-lake"].get("type", ""):
            with pytest.raises(WarehouseError, match="RUN403"):
                sql_table(*with_types)
    return [f for f in faults.faults if f.file == FILE]


def column(kind: str, json_type: str) -> dict[str, Any]:
    lake = {"type": kind, "tags": {"pii": "none", "domain": "product", "sensitivity": "internal"}}
    return {"type": [json_type, "null"], "description": "More of it.", "x-lake": lake}


@pytest.mark.parametrize(
    ("warehouse", "kind", "json_type", "message"),
    [
        ("redshift", ARRAY, "array", "Redshift has no column for array<struct<sku:string>>"),
        ("snowflake", ARRAY, "array", "Snowflake has no column for array<struct<sku:string>>"),
        ("redshift", "map<string,int>", "object", "Redshift has no column for map<string,int>"),
        ("redshift", BINARY, "string", "Redshift has no column for binary"),
        ("snowflake", BINARY, "string", ""),
        ("redshift", FINE, "number", "Redshift has no decimal(38,38)"),
        ("snowflake", FINE, "number", "Snowflake has no decimal(38,38)"),
        ("snowflake", "decimal(38,37)", "number", ""),
    ],
)
def test_column_of_a_type_that_the_warehouse_lacks_is_a_fault_at_its_line(
    warehouse: str, kind: str, json_type: str, message: str, tmp_path: Path
) -> None:
    faults = published(tmp_path, warehouse, column(kind, json_type))
    assert [(f.code, f.value) for f in faults] == ([("LK250", "extra")] if message else [])
    for fault in faults:
        line = (tmp_path / FILE).read_text().splitlines()[fault.line - 1]
        assert line[fault.column - 1 :].startswith('"extra"')
        assert message in fault.what
        assert fault.wanted


def test_key_that_is_personal_data_in_the_clear_is_a_fault_where_it_is_published(tmp_path: Path) -> None:
    shutil.copytree(project_root() / "schemas", tmp_path / "schemas")
    document = json.loads((tmp_path / FILE).read_text())
    document["properties"]["product_id"]["x-lake"] |= {"tags": {"pii": "email"}, "mask": "clear"}
    (tmp_path / FILE).write_text(json.dumps(document, indent=2))
    faults = Collector(tmp_path)
    contracts = read_schemas(Collector(tmp_path)).contracts
    check_publish(load_pipelines()["retail"].job(JOBS["redshift"]), contracts, faults)
    assert [(f.code, f.file, f.value) for f in faults.faults] == [("LK251", FILE, "product_id")]
