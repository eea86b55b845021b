"""Glue's connections."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.extensions.conftest import Client, code_of


def test_a_connection_is_updated_and_deleted(client: Client) -> None:
    glue = client("glue")
    definition = {
        "Name": "warehouse",
        "ConnectionType": "JDBC",
        "ConnectionProperties": {"JDBC_CONNECTION_URL": "jdbc:postgresql://a/b"},
    }
    glue.create_connection(ConnectionInput=definition, Tags={"owner": "me"})
    changed = {**definition, "ConnectionProperties": {"JDBC_CONNECTION_URL": "jdbc:postgresql://c/d"}}
    glue.update_connection(Name="warehouse", ConnectionInput=changed)
    shown = glue.get_connection(Name="warehouse")["Connection"]
    assert (shown["ConnectionType"], shown["ConnectionProperties"]) == (
        "JDBC",
        changed["ConnectionProperties"],
    )
    assert "AthenaProperties" not in shown
    glue.delete_connection(ConnectionName="warehouse")
    with pytest.raises(ClientError) as caught:
        glue.delete_connection(ConnectionName="warehouse")
    assert code_of(caught) == "EntityNotFoundException"
