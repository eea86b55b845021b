"""The catalog shows every table with its real columns, as the job that registers would."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from environments import load_environment, names
from glue_jobs.kinds import register
from glue_jobs.sources.kafka import PLACE as PLACE_OF_A_MESSAGE
from infra.facts import read_facts
from schemas import catalog as shapes
from tests.infra.job_parts import made

ENV = load_environment("prod")
CONTRACTS = read_facts("prod").schemas.contracts


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found: dict[str, Any] = made("prod", tmp_path_factory.mktemp("prod"))["resource"]
    return found


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
            "Columns": [{"Name": c["name"], "Type": c["type"], "Comment": c["comment"]} for c in storage["columns"]],
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
    found = {d["name"]: d["location_uri"] for d in prod["aws_glue_catalog_database"].values()}
    assert found == {f"lakehouse_prod_{layer}": f"s3://lakehouse-prod-{layer}-000000000003" for layer in names.LAYERS}


def test_the_catalog_is_encrypted_with_our_key(prod: dict[str, Any]) -> None:
    (settings,) = prod["aws_glue_data_catalog_encryption_settings"].values()
    stated = settings["data_catalog_encryption_settings"]
    key = "${aws_kms_key.key_platform.arn}"
    assert stated["encryption_at_rest"] == {"catalog_encryption_mode": "SSE-KMS", "sse_aws_kms_key_id": key}
    assert stated["connection_password_encryption"] == {"aws_kms_key_id": key, "return_connection_password_encrypted": True}


def test_a_connection_names_its_secret_and_lies_in_a_private_subnet(prod: dict[str, Any]) -> None:
    connections = prod["aws_glue_connection"]
    kinds = {name.removeprefix("connection_"): c["connection_type"] for name, c in connections.items()}
    assert kinds == {
        "network_a": "NETWORK", "network_b": "NETWORK", "redshift": "JDBC", "snowflake": "SNOWFLAKE", "kafka": "KAFKA", "postgres": "JDBC"
    }  # fmt: skip
    for name, connection in connections.items():
        place = connection["physical_connection_requirements"]
        assert place["subnet_id"].startswith("${aws_subnet.")
        assert place["security_group_id_list"]
        text = json.dumps(connection.get("connection_properties", {}))
        assert "password" not in text.lower()
        if not name.startswith("connection_network"):
            assert f"aws_secretsmanager_secret.secret_{name.removeprefix('connection_')}." in text
    assert connections["connection_network_a"] != connections["connection_network_b"]


def test_a_streamed_contract_is_in_the_registry_and_an_old_reader_can_read_on(prod: dict[str, Any]) -> None:
    (schema,) = prod["aws_glue_schema"].values()
    assert (schema["schema_name"], schema["data_format"], schema["compatibility"]) == ("order_events", "JSON", "BACKWARD")
    stated = json.loads(schema["schema_definition"])
    Draft7Validator.check_schema(stated)
    assert list(stated["properties"])[:3] == ["event_id", "order_id", "customer_id"]
    assert not set(stated["properties"]) & set(shapes.PLACE)
    message = {"event_id": "e1", "order_id": 1, "customer_id": 2, "store_id": 3, "event_type": "order_placed", "line_count": 1,
               "total_amount": 9.5, "currency": "USD", "event_ts": "2017-01-01T00:00:00Z", "new_field": 1}  # fmt: skip
    assert Draft7Validator(stated).is_valid(message)
    assert not Draft7Validator(stated).is_valid({**message, "order_id": "one"})


def test_the_place_of_a_message_is_what_its_reader_adds() -> None:
    assert set(shapes.PLACE) == set(PLACE_OF_A_MESSAGE)
