"""The Glue catalog of an environment: databases, tables, connections and message schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.glue_catalog_database import GlueCatalogDatabase
from cdktf_cdktf_provider_aws.glue_catalog_table import GlueCatalogTable
from cdktf_cdktf_provider_aws.glue_connection import GlueConnection
from cdktf_cdktf_provider_aws.glue_data_catalog_encryption_settings import GlueDataCatalogEncryptionSettings

from infra.parts.catalog.connections import network_connections, system_connections
from infra.parts.catalog.encryption import encrypt_catalog
from infra.parts.catalog.message_schemas import message_schemas
from infra.parts.catalog.tables import database, table
from infra.parts.encryption.keys import Keys
from infra.parts.encryption.secrets import Secrets
from infra.parts.network.network import Network
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import LAYERS, Zone


@dataclass(frozen=True)
class Catalog:
    """Databases by layer, tables by `<layer>.<name>`, connections by short name.

    `networks` are the connections that put a job into the private subnets. `encryption` comes before all.
    """

    databases: Mapping[str, GlueCatalogDatabase]
    tables: Mapping[str, GlueCatalogTable]
    connections: Mapping[str, GlueConnection]
    networks: tuple[GlueConnection, ...]
    encryption: GlueDataCatalogEncryptionSettings


def add_catalog(
    stack: PlatformStack, keys: Keys, storage: Storage, network: Network, secrets: Secrets
) -> Catalog:
    """Every table of the lake with its columns, and every system that the environment declares."""
    encryption = encrypt_catalog(stack, "catalog_encryption", keys.platform)
    databases = {}
    for layer in LAYERS:
        after = [encryption, storage.zones[Zone(layer)].bucket]
        location = names.zone_uri(stack.env, Zone(layer))
        databases[layer] = database(stack, layer, f"database_{layer}", location, depends_on=after)
    tables = {}
    for name, contract in stack.facts.schemas.on_lake.items():
        resource, location = f"table_{contract.layer}_{contract.name}", names.table_uri(stack.env, name)
        tables[name] = table(stack, contract, databases[contract.layer], resource, location)
    networks = network_connections(stack, network, encryption)
    connections = system_connections(stack, network, secrets, encryption)
    message_schemas(stack)
    return Catalog(databases, tables, connections, networks, encryption)
