"""Glue connections: to the private subnets, and to the systems that the environment declares."""

from __future__ import annotations

import json
from typing import Any

from cdktf_cdktf_provider_aws.glue_connection import GlueConnection
from cdktf_cdktf_provider_aws.glue_data_catalog_encryption_settings import GlueDataCatalogEncryptionSettings
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret

from infra.parts.encryption.secrets import Secrets
from infra.parts.network.network import Network
from infra.platform_stack import PlatformStack
from lakehouse.environments import names


def network_connections(
    stack: PlatformStack, network: Network, encryption: GlueDataCatalogEncryptionSettings
) -> tuple[GlueConnection, ...]:
    """A connection per private subnet, which puts a job there."""
    return tuple(
        GlueConnection(
            stack,
            f"connection_network_{letter}",
            name=names.connection(stack.env, f"network-{letter}"),
            description="Puts jobs into a private subnet",
            connection_type="NETWORK",
            physical_connection_requirements=_subnet(network, number),
            depends_on=[encryption],
        )
        for number, letter in zip(range(len(network.subnet_ids)), "ab", strict=True)
    )


def system_connections(
    stack: PlatformStack, network: Network, secrets: Secrets, encryption: GlueDataCatalogEncryptionSettings
) -> dict[str, GlueConnection]:
    """The connections whose address is declared, by short name."""
    return {
        name: _connection(stack, network, secrets, encryption, name, declared.url)
        for name, declared in stack.env.stack.connections.items()
        if declared.url is not None
    }


def lakebase_connections(
    stack: PlatformStack,
    network: Network,
    secrets: Secrets,
    encryption: GlueDataCatalogEncryptionSettings,
    url: str,
) -> None:
    """The connections to the Lakebase, at the address of its cluster."""
    for name, declared in stack.env.stack.connections.items():
        if declared.url is None:
            _connection(stack, network, secrets, encryption, name, url)


def _connection(
    stack: PlatformStack,
    network: Network,
    secrets: Secrets,
    encryption: GlueDataCatalogEncryptionSettings,
    name: str,
    url: str,
) -> GlueConnection:
    declared = stack.env.stack.connections[name]
    return GlueConnection(
        stack,
        f"connection_{name}",
        name=names.connection(stack.env, name),
        description=f"{name} of {stack.env.project} in {stack.env.name}",
        connection_type=declared.kind,
        connection_properties=_properties(declared.kind, url, secrets.containers[declared.secret]),
        physical_connection_requirements=_subnet(network, 0),
        depends_on=[encryption],
    )


def _subnet(network: Network, number: int) -> dict[str, Any]:
    return {
        "availability_zone": network.availability_zones[number],
        "subnet_id": network.subnet_ids[number],
        "security_group_id_list": [network.jobs_group],
    }


def _properties(kind: str, url: str, secret: SecretsmanagerSecret) -> dict[str, str]:
    """The properties of each kind of connection. They name the secret and never hold it."""
    if kind == "JDBC":
        return {"JDBC_CONNECTION_URL": url, "JDBC_ENFORCE_SSL": "true", "SECRET_ID": secret.name}
    if kind == "KAFKA":
        return {
            "KAFKA_BOOTSTRAP_SERVERS": url,
            "KAFKA_SSL_ENABLED": "true",
            "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "KAFKA_SASL_SCRAM_SECRETS_ARN": secret.arn,
        }
    return {"SparkProperties": json.dumps({"sfUrl": url, "secretId": secret.name})}
