"""The catalog shows every table with its real columns, as the job that registers would."""

from __future__ import annotations

import json
from typing import Any

import pytest

from glue_jobs.job_types import register
from infra.facts import read_facts
from lakehouse.environments import load_environment, names
from tests.infra.job_parts import job_stack

ENV = load_environment("prod")
FACTS = read_facts("prod")
CONTRACTS = FACTS.schemas.on_lake


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    resources: dict[str, Any] = job_stack("prod")["resource"]
    return resources


@pytest.mark.parametrize("table", CONTRACTS)
def test_a_table_has_the_columns_of_its_contract(prod: dict[str, Any], table: str) -> None:
    contract = CONTRACTS[table]
    shown = prod["aws_glue_catalog_table"][f"table_{table.replace('.', '_')}"]
    columns = shown["storage_descriptor"]["columns"]
    assert [(c["name"], c["type"]) for c in columns] == list(contract.stored)
    assert all(c["comment"] for c in columns)
    assert shown["storage_descriptor"]["location"] == names.table_uri(ENV, table)
    assert shown["owner"] == contract.lake.owner
    # Delta's partitions are plain columns to Athena, which reads the log.
    assert "partition_keys" not in shown
    assert shown["parameters"]["table_type"] == "delta"


@pytest.mark.parametrize("table", CONTRACTS)
def test_what_the_register_writes_is_what_the_stack_made(prod: dict[str, Any], table: str) -> None:
    contract = CONTRACTS[table]
    shown = prod["aws_glue_catalog_table"][f"table_{table.replace('.', '_')}"]
    storage = shown["storage_descriptor"]
    made_by_stack = {
        "Name": shown["name"],
        "Description": shown["description"],
        "TableType": shown["table_type"],
        "Owner": shown["owner"],
        "Parameters": shown["parameters"],
        "StorageDescriptor": {
            "Columns": [
                {"Name": c["name"], "Type": c["type"], "Comment": c["comment"]} for c in storage["columns"]
            ],
            "Location": storage["location"],
            "InputFormat": storage["input_format"],
            "OutputFormat": storage["output_format"],
            "SerdeInfo": {
                "SerializationLibrary": storage["ser_de_info"]["serialization_library"],
                "Parameters": storage["ser_de_info"]["parameters"],
            },
        },
    }
    assert register.table_input(contract, names.table_uri(ENV, table)) == made_by_stack


def test_a_layer_is_a_database_that_athena_can_name(prod: dict[str, Any]) -> None:
    locations = {d["name"]: d["location_uri"] for d in prod["aws_glue_catalog_database"].values()}
    assert locations == {
        f"lakehouse_prod_{layer}": f"s3://lakehouse-prod-{layer}-000000000003" for layer in names.LAYERS
    }


def test_the_catalog_is_encrypted_with_our_key(prod: dict[str, Any]) -> None:
    (settings,) = prod["aws_glue_data_catalog_encryption_settings"].values()
    encryption = settings["data_catalog_encryption_settings"]
    key = "${aws_kms_key.key_platform.arn}"
    assert encryption["encryption_at_rest"] == {
        "catalog_encryption_mode": "SSE-KMS",
        "sse_aws_kms_key_id": key,
    }
    assert encryption["connection_password_encryption"] == {
        "aws_kms_key_id": key,
        "return_connection_password_encrypted": True,
    }


def test_a_connection_names_its_secret_and_lies_in_a_private_subnet(prod: dict[str, Any]) -> None:
    connections = prod["aws_glue_connection"]
    kinds = {name.removeprefix("connection_"): c["connection_type"] for name, c in connections.items()}
    assert kinds == {
        "network_a": "NETWORK",
        "network_b": "NETWORK",
        "redshift": "JDBC",
        "snowflake": "SNOWFLAKE",
        "kafka": "KAFKA",
    }
    for name, connection in connections.items():
        requirements = connection["physical_connection_requirements"]
        assert requirements["subnet_id"].startswith("${aws_subnet.")
        assert requirements["security_group_id_list"]
        text = json.dumps(connection.get("connection_properties", {}))
        assert "password" not in text.lower()
        if not name.startswith("connection_network"):
            assert f"aws_secretsmanager_secret.secret_{name.removeprefix('connection_')}." in text
    assert connections["connection_network_a"] != connections["connection_network_b"]
