"""Lake Formation's grants."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.extensions.conftest import Client, code_of

TABLE = {"DatabaseName": "lake_gold", "Name": "dim_customer"}
ANALYST = {"DataLakePrincipalIdentifier": "arn:aws:iam::123456789012:role/analyst"}
TAGS = {
    "LFTagPolicy": {
        "ResourceType": "TABLE",
        "Expression": [{"TagKey": "pii", "TagValues": ["none", "masked"]}],
    }
}
RESOURCES: list[dict[str, Any]] = [
    TAGS,
    {"LFTag": {"TagKey": "pii", "TagValues": ["none"]}},
    {"Table": {"DatabaseName": "lake_gold", "TableWildcard": {}}},
    {"Database": {"Name": "lake_gold"}},
    {"DataLocation": {"ResourceArn": "arn:aws:s3:::b"}},
    {
        "DataCellsFilter": {
            "TableCatalogId": "123456789012",
            "DatabaseName": "lake_gold",
            "TableName": "dim_customer",
            "Name": "eu",
        }
    },
    {"TableWithColumns": {**TABLE, "ColumnNames": ["country"]}},
]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda r: next(iter(r)))
def test_a_grant_on_any_kind_of_resource_is_listed_until_it_is_revoked(
    client: Client, resource: dict[str, Any]
) -> None:
    lake = client("lakeformation")
    grant = {"Principal": ANALYST, "Resource": resource}
    lake.grant_permissions(**grant, Permissions=["DESCRIBE"])
    lake.grant_permissions(**grant, Permissions=["SELECT"], PermissionsWithGrantOption=["SELECT"])
    (shown,) = lake.list_permissions(**grant)["PrincipalResourcePermissions"]
    assert (shown["Permissions"], shown["PermissionsWithGrantOption"]) == (["DESCRIBE", "SELECT"], ["SELECT"])
    assert shown["Principal"] == ANALYST
    lake.revoke_permissions(
        **grant, Permissions=["DESCRIBE", "SELECT"], PermissionsWithGrantOption=["SELECT"]
    )
    assert lake.list_permissions(**grant)["PrincipalResourcePermissions"] == []
    with pytest.raises(ClientError) as caught:
        lake.revoke_permissions(**grant, Permissions=["SELECT"])
    assert code_of(caught) == "InvalidInputException"


def test_the_order_of_tag_values_makes_no_difference(client: Client) -> None:
    lake = client("lakeformation")
    lake.grant_permissions(Principal=ANALYST, Resource=TAGS, Permissions=["SELECT"])
    reordered = {
        "LFTagPolicy": {
            "ResourceType": "TABLE",
            "Expression": [{"TagKey": "pii", "TagValues": ["masked", "none"]}],
        }
    }
    assert (
        len(lake.list_permissions(Principal=ANALYST, Resource=reordered)["PrincipalResourcePermissions"]) == 1
    )
    other = {"LFTagPolicy": {**TAGS["LFTagPolicy"], "ResourceType": "DATABASE"}}
    assert lake.list_permissions(Principal=ANALYST, Resource=other)["PrincipalResourcePermissions"] == []
    lake.revoke_permissions(Principal=ANALYST, Resource=TAGS, Permissions=["SELECT"])


def test_a_listing_for_a_table_shows_grants_on_its_columns(client: Client) -> None:
    lake = client("lakeformation")
    columns = {"TableWithColumns": {**TABLE, "ColumnNames": ["country"]}}
    lake.grant_permissions(Principal=ANALYST, Resource=columns, Permissions=["SELECT"])
    (shown,) = lake.list_permissions(Principal=ANALYST, Resource={"Table": TABLE})[
        "PrincipalResourcePermissions"
    ]
    assert shown["Resource"]["TableWithColumns"]["ColumnNames"] == ["country"]
    lake.revoke_permissions(Principal=ANALYST, Resource=columns, Permissions=["SELECT"])


def test_a_revoke_of_the_default_grant_succeeds(client: Client) -> None:
    everybody = {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}
    lake, nowhere = client("lakeformation"), {"Database": {"Name": "x"}}
    lake.revoke_permissions(Principal=everybody, Resource=nowhere, Permissions=["ALL"])
    assert lake.list_permissions(Principal=everybody, Resource=nowhere)["PrincipalResourcePermissions"] == []
