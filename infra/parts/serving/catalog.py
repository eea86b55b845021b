"""The Glue catalog: a database per layer, every contract of the lake as a table with its real columns, the systems that Glue knows, and the schemas of messages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdktf_cdktf_provider_aws.glue_catalog_database import GlueCatalogDatabase
from cdktf_cdktf_provider_aws.glue_catalog_table import (
    GlueCatalogTable,
    GlueCatalogTableStorageDescriptorColumns,
)
from cdktf_cdktf_provider_aws.glue_connection import GlueConnection
from cdktf_cdktf_provider_aws.glue_data_catalog_encryption_settings import GlueDataCatalogEncryptionSettings
from cdktf_cdktf_provider_aws.glue_registry import GlueRegistry
from cdktf_cdktf_provider_aws.glue_schema import GlueSchema

from infra.parts.storage.keys import Keys
from infra.parts.storage.secrets import Secrets
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.contracts import Contract
from lakehouse.contracts.catalog import MOST_DESCRIPTION, database_description, table_input, topic_schema
from lakehouse.environments import names
from lakehouse.environments.names import Zone
from lakehouse.environments.stack import Connection

if TYPE_CHECKING:
    from infra.parts.network.network import Network


@dataclass(frozen=True)
class Catalog:
    """Databases by layer, tables by `<layer>.<name>`, connections by short name: those of `networks` put a job into the private subnets."""

    databases: dict[str, Any]
    tables: dict[str, Any]
    connections: dict[str, Any]
    networks: tuple[Any, ...]


def add_catalog(
    stack: PlatformStack, keys: Keys, storage: Storage, network: Network, secrets: Secrets
) -> Catalog:
    encrypted = _encryption(stack, keys)
    databases = {
        layer: _database(stack, layer, [encrypted, storage.zones[Zone(layer)].bucket])
        for layer in names.LAYERS
    }
    tables = {
        name: _table(stack, contract, databases) for name, contract in stack.facts.schemas.on_lake.items()
    }
    networks = tuple(_network(stack, network, at, encrypted) for at in range(len(network.subnet_ids)))
    stated = stack.env.stack.connections
    connections = {
        name: _connection(stack, network, name, stated[name], secrets, encrypted) for name in stated
    }
    _messages(stack)
    return Catalog(databases, tables, connections, networks)


def _encryption(stack: PlatformStack, keys: Keys) -> Any:
    """Of the whole account in this region: each environment has its own."""
    return GlueDataCatalogEncryptionSettings(
        stack,
        "catalog_encryption",
        data_catalog_encryption_settings={
            "connection_password_encryption": {
                "aws_kms_key_id": keys.platform.arn,
                "return_connection_password_encrypted": True,
            },
            "encryption_at_rest": {
                "catalog_encryption_mode": "SSE-KMS",
                "sse_aws_kms_key_id": keys.platform.arn,
            },
        },
    )


def _database(stack: PlatformStack, layer: str, after: list[Any]) -> Any:
    return database(
        stack, layer, f"database_{layer}", names.zone_uri(stack.env, Zone(layer)), depends_on=after
    )


def database(stack: PlatformStack, layer: str, place: str, location: str, **more: Any) -> Any:
    """A layer's database, also of the second region: there `more` holds its provider."""
    env = stack.env
    return GlueCatalogDatabase(
        stack,
        place,
        name=names.database(env, layer),
        description=database_description(env, layer),
        location_uri=location,
        **more,
    )


def _table(stack: PlatformStack, contract: Contract, databases: dict[str, Any]) -> Any:
    place = f"table_{contract.layer}_{contract.name}"
    return table(
        stack, contract, databases[contract.layer], place, names.table_uri(stack.env, contract.table)
    )


def table(stack: PlatformStack, contract: Contract, of: Any, place: str, location: str, **more: Any) -> Any:
    """Exactly what the job `register_glue` would write, so that neither undoes the other. `more`: the provider of the second region."""
    shown = table_input(contract, location)
    storage = shown["StorageDescriptor"]
    columns = [
        GlueCatalogTableStorageDescriptorColumns(name=c["Name"], type=c["Type"], comment=c["Comment"])
        for c in storage["Columns"]
    ]
    serde = storage["SerdeInfo"]
    return GlueCatalogTable(
        stack,
        place,
        database_name=of.name,
        name=shown["Name"],
        description=shown["Description"],
        table_type=shown["TableType"],
        owner=shown["Owner"],
        parameters=shown["Parameters"],
        storage_descriptor={
            "columns": columns,
            "location": storage["Location"],
            "input_format": storage["InputFormat"],
            "output_format": storage["OutputFormat"],
            "ser_de_info": {
                "serialization_library": serde["SerializationLibrary"],
                "parameters": serde["Parameters"],
            },
        },
        **more,
    )


def _place(network: Network, at: int) -> dict[str, Any]:
    return {
        "availability_zone": network.availability_zones[at],
        "subnet_id": network.subnet_ids[at],
        "security_group_id_list": [network.jobs_group],
    }


def _network(stack: PlatformStack, network: Network, at: int, encrypted: Any) -> Any:
    letter = "ab"[at]
    return GlueConnection(
        stack,
        f"connection_network_{letter}",
        name=names.connection(stack.env, f"network-{letter}"),
        description="Puts jobs into a private subnet",
        connection_type="NETWORK",
        physical_connection_requirements=_place(network, at),
        depends_on=[encrypted],
    )


def _connection(
    stack: PlatformStack, network: Network, name: str, stated: Connection, secrets: Secrets, encrypted: Any
) -> Any:
    return GlueConnection(
        stack,
        f"connection_{name}",
        name=names.connection(stack.env, name),
        description=f"{name} of {stack.env.project} in {stack.env.name}",
        connection_type=stated.kind,
        connection_properties=_properties(stated, secrets.containers[stated.secret]),
        physical_connection_requirements=_place(network, 0),
        depends_on=[encrypted],
    )


def _properties(stated: Connection, secret: Any) -> dict[str, str]:
    """Each kind names its secret in its own way; none holds it."""
    if stated.kind == "JDBC":
        return {"JDBC_CONNECTION_URL": stated.url, "JDBC_ENFORCE_SSL": "true", "SECRET_ID": secret.name}
    if stated.kind == "KAFKA":
        return {
            "KAFKA_BOOTSTRAP_SERVERS": stated.url,
            "KAFKA_SSL_ENABLED": "true",
            "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "KAFKA_SASL_SCRAM_SECRETS_ARN": secret.arn,
        }
    return {"SparkProperties": json.dumps({"sfUrl": stated.url, "secretId": secret.name})}


def _messages(stack: PlatformStack) -> None:
    """A schema for each topic that contracts are read from, of the lake or the Lakebase: a producer that asks the registry cannot break a reader."""
    topics: dict[str, list[Contract]] = {}
    for contract in stack.facts.schemas.contracts.values():
        if contract.lake.source and contract.lake.source.kind == "kafka":
            topics.setdefault(contract.lake.source.object, []).append(contract)
    if not topics:
        return
    registry = GlueRegistry(
        stack,
        "registry_messages",
        registry_name=names.registry(stack.env),
        description="What may be sent to the topics that are read here",
    )
    for topic, contracts in topics.items():
        GlueSchema(
            stack,
            # Kafka knows dots and dashes where Terraform does not; no two topics become one, as AWS's own name for them is the topic itself.
            f"schema_{re.sub('[^A-Za-z0-9_]', lambda c: f'_{ord(c[0]):x}_', topic)}",
            schema_name=topic,
            registry_arn=registry.arn,
            description=" / ".join(contract.description for contract in contracts)[:MOST_DESCRIPTION],
            data_format="JSON",
            compatibility="BACKWARD",
            schema_definition=json.dumps(topic_schema(contracts)),
        )
