"""The local Snowflake has the databases that the contracts of a project name."""

from __future__ import annotations

from pathlib import Path

from lakehouse.project import project_root
from local_aws.snowflake import secret, source_databases
from tests.project_marker import copy_project, mark


def test_databases_are_those_of_the_snowflake_sources() -> None:
    assert source_databases(project_root()) == {"RETAIL": "PUBLIC"}


def test_contract_with_faults_is_left_out_and_the_others_are_read(tmp_path: Path) -> None:
    root = copy_project(tmp_path / "project")
    contract = root / "schemas" / "bronze" / "snowflake_orders.schema.json"
    contract.write_text(contract.read_text().replace("RETAIL.PUBLIC.ORDERS", "SALES.PUBLIC.ORDERS"))
    assert source_databases(root) == {"RETAIL": "PUBLIC", "SALES": "PUBLIC"}
    contract.write_text("{")
    assert source_databases(root) == {"RETAIL": "PUBLIC"}


def test_secret_of_a_project_without_snowflake_names_a_database_of_the_server(tmp_path: Path) -> None:
    assert source_databases(mark(tmp_path)) == {}
    value = secret(1234, "secret", {})
    assert (value["database"], value["schema"], value["port"]) == ("SOURCE", "PUBLIC", 1234)
    assert secret(1234, "secret", {"RETAIL": "RAW"})["schema"] == "RAW"
