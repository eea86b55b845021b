"""Athena's workgroups."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.extensions.conftest import Client, code_of


def test_a_workgroup_is_tagged_and_updated(client: Client) -> None:
    athena = client("athena")
    settings = {"EnforceWorkGroupConfiguration": True, "BytesScannedCutoffPerQuery": 10_000_000}
    athena.create_work_group(Name="plain", Configuration=settings)
    arn = f"arn:aws:athena:{athena.meta.region_name}:123456789012:workgroup/plain"
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == []
    athena.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "1"}])
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    results = {"OutputLocation": "s3://results/"}
    athena.update_work_group(
        WorkGroup="plain",
        ConfigurationUpdates={
            "BytesScannedCutoffPerQuery": 20_000_000,
            "ResultConfigurationUpdates": results,
        },
    )
    shown = athena.get_work_group(WorkGroup="plain")["WorkGroup"]["Configuration"]
    assert shown["BytesScannedCutoffPerQuery"] == 20_000_000
    assert shown["ResultConfiguration"] == results
    with pytest.raises(ClientError) as caught:
        athena.list_tags_for_resource(ResourceARN=arn + "x")
    assert code_of(caught) == "ResourceNotFoundException"
