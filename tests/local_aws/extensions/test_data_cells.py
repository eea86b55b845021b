"""Lake Formation's data cells filters."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.extensions.conftest import Client, code_of

TABLE = {"DatabaseName": "lake_gold", "Name": "dim_customer"}


def test_a_row_filter_is_created_updated_and_deleted(client: Client) -> None:
    lake = client("lakeformation")
    key = {
        "TableCatalogId": "123456789012",
        "DatabaseName": "lake_gold",
        "TableName": "dim_customer",
        "Name": "eu",
    }
    lake.create_data_cells_filter(
        TableData={**key, "RowFilter": {"FilterExpression": "country = 'DE'"}, "ColumnWildcard": {}}
    )
    first = lake.get_data_cells_filter(**key)["DataCellsFilter"]
    assert first["RowFilter"] == {"FilterExpression": "country = 'DE'"}
    with pytest.raises(ClientError) as twice:
        lake.create_data_cells_filter(TableData={**key, "ColumnWildcard": {}})
    assert code_of(twice) == "AlreadyExistsException"
    lake.update_data_cells_filter(
        TableData={**key, "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": ["country"]}
    )
    (shown,) = lake.list_data_cells_filter(Table=TABLE)["DataCellsFilters"]
    assert shown["ColumnNames"] == ["country"]
    assert shown["VersionId"] != first["VersionId"]
    lake.delete_data_cells_filter(**key)
    with pytest.raises(ClientError) as caught:
        lake.get_data_cells_filter(**key)
    assert code_of(caught) == "EntityNotFoundException"
