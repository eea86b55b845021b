"""Managed Airflow's environments."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.extensions.conftest import Client, code_of

SUBNETS = ["subnet-0a", "subnet-0b"]


def test_an_environment_is_created_updated_tagged_and_deleted(client: Client) -> None:
    mwaa = client("mwaa")
    network = {"SubnetIds": SUBNETS, "SecurityGroupIds": ["sg-1"]}
    requested = {
        "Name": "lake",
        "DagS3Path": "dags",
        "ExecutionRoleArn": "arn:aws:iam::123456789012:role/mwaa",
        "SourceBucketArn": "arn:aws:s3:::b",
        "NetworkConfiguration": network,
        "LoggingConfiguration": {"TaskLogs": {"Enabled": True, "LogLevel": "INFO"}},
        "Tags": {"a": "1"},
    }
    arn = mwaa.create_environment(**requested)["Arn"]
    shown = mwaa.get_environment(Name="lake")["Environment"]
    assert (shown["Arn"], shown["Status"], shown["WebserverAccessMode"]) == (arn, "AVAILABLE", "PRIVATE_ONLY")
    assert shown["NetworkConfiguration"] == network
    assert shown["LoggingConfiguration"]["TaskLogs"]["CloudWatchLogGroupArn"].endswith(
        "log-group:airflow-lake-Task"
    )
    mwaa.update_environment(Name="lake", MaxWorkers=4)
    assert mwaa.get_environment(Name="lake")["Environment"]["MaxWorkers"] == 4
    mwaa.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    mwaa.untag_resource(ResourceArn=arn, tagKeys=["a"])
    assert mwaa.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"b": "2"}
    assert mwaa.list_environments()["Environments"] == ["lake"]
    mwaa.delete_environment(Name="lake")
    with pytest.raises(ClientError) as caught:
        mwaa.get_environment(Name="lake")
    assert code_of(caught) == "ResourceNotFoundException"


def test_an_environment_with_one_subnet_is_refused(client: Client) -> None:
    requested = {
        "DagS3Path": "dags",
        "ExecutionRoleArn": "arn:aws:iam::123456789012:role/mwaa",
        "SourceBucketArn": "arn:aws:s3:::b",
    }
    with pytest.raises(ClientError) as caught:
        client("mwaa").create_environment(
            Name="one", NetworkConfiguration={"SubnetIds": SUBNETS[:1]}, **requested
        )
    assert code_of(caught) == "ValidationException"
