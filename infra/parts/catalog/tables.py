"""A database per layer, and a table for each contract of the lake, in either region."""

from __future__ import annotations

from typing import Any

from cdktf_cdktf_provider_aws.glue_catalog_database import GlueCatalogDatabase
from cdktf_cdktf_provider_aws.glue_catalog_table import (
    GlueCatalogTable,
    GlueCatalogTableStorageDescriptorColumns,
)

from infra.platform_stack import PlatformStack
from lakehouse.contracts import Contract
from lakehouse.contracts.catalog import database_description, table_input
from lakehouse.environments import names


def database(
    stack: PlatformStack, layer: str, resource: str, location: str, **more: Any
) -> GlueCatalogDatabase:
    """The database of a layer. `more` holds dependencies, and the provider of the second region."""
    return GlueCatalogDatabase(
        stack,
        resource,
        name=names.database(stack.env, layer),
        description=database_description(stack.env, layer),
        location_uri=location,
        **more,
    )


def table(
    stack: PlatformStack,
    contract: Contract,
    database: GlueCatalogDatabase,
    resource: str,
    location: str,
    **provider: Any,
) -> GlueCatalogTable:
    """The table of a contract, equal to what the job type `register` writes."""
    content = table_input(contract, location)
    storage = content["StorageDescriptor"]
    serde = storage["SerdeInfo"]
    columns = [
        GlueCatalogTableStorageDescriptorColumns(
            name=column["Name"], type=column["Type"], comment=column["Comment"]
        )
        for column in storage["Columns"]
    ]
    descriptor = {
        "columns": columns,
        "location": storage["Location"],
        "input_format": storage["InputFormat"],
        "output_format": storage["OutputFormat"],
        "ser_de_info": {
            "serialization_library": serde["SerializationLibrary"],
            "parameters": serde["Parameters"],
        },
    }
    return GlueCatalogTable(
        stack,
        resource,
        database_name=database.name,
        name=content["Name"],
        description=content["Description"],
        table_type=content["TableType"],
        owner=content["Owner"],
        parameters=content["Parameters"],
        storage_descriptor=descriptor,
        **provider,
    )
