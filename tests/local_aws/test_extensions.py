"""What moto lacks of what the stack uses answers as AWS does, by boto3 and through the proxy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lakehouse.environments import Environment, load_environment
from local_aws import proxy
from local_aws.local_platform import LocalPlatform

Client = Callable[[str], Any]
SUBNETS = ["subnet-0a", "subnet-0b"]
TABLE = {"DatabaseName": "lake_gold", "Name": "dim_customer"}
ANALYST = {"DataLakePrincipalIdentifier": "arn:aws:iam::123456789012:role/analyst"}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPlatform]:
    platform = LocalPlatform.start(
        load_environment("local"), tmp_path_factory.mktemp("bare"), only=("aws",), empty_account=True
    )
    yield platform
    platform.stop()


@pytest.fixture(scope="module", params=["http", "proxy"])
def client(request: pytest.FixtureRequest, account: LocalPlatform) -> Client:
    """A boto3 client of an empty account: straight, and by AWS's own host names through the proxy."""
    env: Environment = load_environment("local")
    session = boto3.Session(
        "testing", "testing", region_name=env.region if request.param == "http" else env.replica_region
    )
    if request.param == "http":
        plain = Config(proxies={}, inject_host_prefix=False, parameter_validation=False)
        return lambda service: session.client(
            service, endpoint_url=f"http://127.0.0.1:{account.ports['aws']}", config=plain
        )
    port = json.loads(account.overlay.read_text())["aws"]["proxy_port"]
    by_proxy = Config(proxies={"https": f"http://127.0.0.1:{port}"}, parameter_validation=False)
    return lambda service: session.client(service, config=by_proxy, verify=str(proxy.authority()))


def code_of(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


def test_airflow_is_made_seen_changed_tagged_and_gone(client: Client) -> None:
    mwaa = client("mwaa")
    network = {"SubnetIds": SUBNETS, "SecurityGroupIds": ["sg-1"]}
    wanted = {
        "Name": "lake", "DagS3Path": "dags", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/mwaa", "SourceBucketArn": "arn:aws:s3:::b",
        "NetworkConfiguration": network, "LoggingConfiguration": {"TaskLogs": {"Enabled": True, "LogLevel": "INFO"}}, "Tags": {"a": "1"},
    }  # fmt: skip
    arn = mwaa.create_environment(**wanted)["Arn"]
    seen = mwaa.get_environment(Name="lake")["Environment"]
    assert (seen["Arn"], seen["Status"], seen["WebserverAccessMode"]) == (arn, "AVAILABLE", "PRIVATE_ONLY")
    assert seen["NetworkConfiguration"] == network
    assert seen["LoggingConfiguration"]["TaskLogs"]["CloudWatchLogGroupArn"].endswith(
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


def test_airflow_wants_two_subnets(client: Client) -> None:
    wanted = {
        "DagS3Path": "dags",
        "ExecutionRoleArn": "arn:aws:iam::123456789012:role/mwaa",
        "SourceBucketArn": "arn:aws:s3:::b",
    }
    with pytest.raises(ClientError) as caught:
        client("mwaa").create_environment(
            Name="one", NetworkConfiguration={"SubnetIds": SUBNETS[:1]}, **wanted
        )
    assert code_of(caught) == "ValidationException"


def test_a_filter_of_rows_is_made_seen_changed_and_gone(client: Client) -> None:
    lake = client("lakeformation")
    place = {
        "TableCatalogId": "123456789012",
        "DatabaseName": "lake_gold",
        "TableName": "dim_customer",
        "Name": "eu",
    }
    lake.create_data_cells_filter(
        TableData={**place, "RowFilter": {"FilterExpression": "country = 'DE'"}, "ColumnWildcard": {}}
    )
    first = lake.get_data_cells_filter(**place)["DataCellsFilter"]
    assert first["RowFilter"] == {"FilterExpression": "country = 'DE'"}
    with pytest.raises(ClientError) as twice:
        lake.create_data_cells_filter(TableData={**place, "ColumnWildcard": {}})
    assert code_of(twice) == "AlreadyExistsException"
    lake.update_data_cells_filter(
        TableData={**place, "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": ["country"]}
    )
    (seen,) = lake.list_data_cells_filter(Table=TABLE)["DataCellsFilters"]
    assert seen["ColumnNames"] == ["country"]
    assert seen["VersionId"] != first["VersionId"]
    lake.delete_data_cells_filter(**place)
    with pytest.raises(ClientError) as caught:
        lake.get_data_cells_filter(**place)
    assert code_of(caught) == "EntityNotFoundException"


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
    asked = {"Principal": ANALYST, "Resource": resource}
    lake.grant_permissions(**asked, Permissions=["DESCRIBE"])
    lake.grant_permissions(**asked, Permissions=["SELECT"], PermissionsWithGrantOption=["SELECT"])
    (seen,) = lake.list_permissions(**asked)["PrincipalResourcePermissions"]
    assert (seen["Permissions"], seen["PermissionsWithGrantOption"]) == (["DESCRIBE", "SELECT"], ["SELECT"])
    assert seen["Principal"] == ANALYST
    lake.revoke_permissions(
        **asked, Permissions=["DESCRIBE", "SELECT"], PermissionsWithGrantOption=["SELECT"]
    )
    assert lake.list_permissions(**asked)["PrincipalResourcePermissions"] == []
    with pytest.raises(ClientError) as caught:
        lake.revoke_permissions(**asked, Permissions=["SELECT"])
    assert code_of(caught) == "InvalidInputException"


def test_values_of_a_tag_are_one_set_in_whatever_order(client: Client) -> None:
    lake = client("lakeformation")
    lake.grant_permissions(Principal=ANALYST, Resource=TAGS, Permissions=["SELECT"])
    turned = {
        "LFTagPolicy": {
            "ResourceType": "TABLE",
            "Expression": [{"TagKey": "pii", "TagValues": ["masked", "none"]}],
        }
    }
    assert len(lake.list_permissions(Principal=ANALYST, Resource=turned)["PrincipalResourcePermissions"]) == 1
    other = {"LFTagPolicy": {**TAGS["LFTagPolicy"], "ResourceType": "DATABASE"}}
    assert lake.list_permissions(Principal=ANALYST, Resource=other)["PrincipalResourcePermissions"] == []
    lake.revoke_permissions(Principal=ANALYST, Resource=TAGS, Permissions=["SELECT"])


def test_who_asks_for_a_table_is_told_of_its_columns_too(client: Client) -> None:
    lake = client("lakeformation")
    columns = {"TableWithColumns": {**TABLE, "ColumnNames": ["country"]}}
    lake.grant_permissions(Principal=ANALYST, Resource=columns, Permissions=["SELECT"])
    (seen,) = lake.list_permissions(Principal=ANALYST, Resource={"Table": TABLE})[
        "PrincipalResourcePermissions"
    ]
    assert seen["Resource"]["TableWithColumns"]["ColumnNames"] == ["country"]
    lake.revoke_permissions(Principal=ANALYST, Resource=columns, Permissions=["SELECT"])


def test_everybody_may_be_revoked_though_nothing_was_granted(client: Client) -> None:
    everybody = {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}
    lake, nowhere = client("lakeformation"), {"Database": {"Name": "x"}}
    lake.revoke_permissions(Principal=everybody, Resource=nowhere, Permissions=["ALL"])
    assert lake.list_permissions(Principal=everybody, Resource=nowhere)["PrincipalResourcePermissions"] == []


def test_a_workgroup_is_tagged_and_changed(client: Client) -> None:
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
    seen = athena.get_work_group(WorkGroup="plain")["WorkGroup"]["Configuration"]
    assert seen["BytesScannedCutoffPerQuery"] == 20_000_000
    assert seen["ResultConfiguration"] == results
    with pytest.raises(ClientError) as caught:
        athena.list_tags_for_resource(ResourceARN=arn + "x")
    assert code_of(caught) == "ResourceNotFoundException"


def test_a_bucket_that_denies_all_but_tls_is_open_to_its_account_and_closed_where_it_denies_without_condition(
    client: Client,
) -> None:
    s3 = client("s3")
    bucket = f"probe-{s3.meta.region_name}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    every = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": [f"arn:aws:s3:::{bucket}/*"]}
    tls = {**every, "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_object(Bucket=bucket, Key="x", Body=b"1")
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [tls]}))
    s3.put_object(Bucket=bucket, Key="x", Body=b"2")
    assert s3.head_object(Bucket=bucket, Key="x")["ContentLength"] == 1
    assert "Errors" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "gone"}]})
    s3.put_bucket_policy(
        Bucket=bucket,
        Policy=json.dumps(
            {"Version": "2012-10-17", "Statement": [tls, {**every, "Action": "s3:DeleteObject"}]}
        ),
    )
    with pytest.raises(ClientError) as caught:
        s3.delete_object(Bucket=bucket, Key="x")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def bucket_of(s3: Any, name: str) -> str:
    bucket = f"{name}-{s3.meta.region_name}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    return bucket


def test_replication_is_given_back_as_it_came(client: Client) -> None:
    s3 = client("s3")
    bucket, other = bucket_of(s3, "copied"), bucket_of(s3, "copies")
    for name in (bucket, other):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "all", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Enabled"},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "Destination": {"Bucket": f"arn:aws:s3:::{other}", "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}}},
    }  # fmt: skip
    wanted = {"Role": "arn:aws:iam::123456789012:role/copy", "Rules": [rule]}
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=wanted)
    assert s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"] == wanted
    s3.delete_bucket_replication(Bucket=bucket)
    with pytest.raises(ClientError) as caught:
        s3.get_bucket_replication(Bucket=bucket)
    assert code_of(caught) == "ReplicationConfigurationNotFoundError"


def test_settings_go_with_their_bucket(client: Client) -> None:
    s3 = client("s3")
    bucket = bucket_of(s3, "gone")
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=bucket)
    s3.delete_bucket(Bucket=bucket)
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(
        Bucket=bucket_of(s3, "gone")
    )


def test_rules_of_groups_and_prefix_lists_keep_their_descriptions(client: Client) -> None:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="jobs", Description="jobs", VpcId=vpc)["GroupId"]
    ports: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    peer = {**ports, "UserIdGroupPairs": [{"GroupId": group, "Description": "among themselves"}]}
    listed = {**ports, "PrefixListIds": [{"PrefixListId": "pl-1", "Description": "to S3"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[peer])
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[listed])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])[
        "SecurityGroupRules"
    ]
    assert {rule.get("Description") for rule in rules} >= {"among themselves", "to S3"}


def test_what_a_backup_plan_takes_is_made_seen_and_gone(client: Client) -> None:
    backup = client("backup")
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault"}
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "all", "Rules": [rule]})["BackupPlanId"]
    wanted = {
        "SelectionName": "state",
        "IamRoleArn": "arn:aws:iam::123456789012:role/backup",
        "Resources": ["arn:aws:dynamodb:::table/x"],
    }
    selection = backup.create_backup_selection(BackupPlanId=plan, BackupSelection=wanted)["SelectionId"]
    asked = {"BackupPlanId": plan, "SelectionId": selection}
    assert backup.get_backup_selection(**asked)["BackupSelection"] == wanted
    assert [
        s["SelectionName"] for s in backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    ] == ["state"]
    assert backup.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["BackupPlanName"] == "all"
    backup.delete_backup_selection(**asked)
    with pytest.raises(ClientError) as caught:
        backup.get_backup_selection(**asked)
    assert code_of(caught) == "ResourceNotFoundException"


def test_each_column_carries_tags_of_its_own_one_value_per_key(client: Client) -> None:
    lake = client("lakeformation")
    for key, values in {"pii": ["none", "email"], "layer": ["gold"]}.items():
        lake.create_lf_tag(TagKey=key, TagValues=values)
    columns = {"TableWithColumns": {**TABLE, "ColumnNames": ["a", "b"]}}
    assert lake.get_resource_lf_tags(Resource={"Table": TABLE})["LFTagsOnTable"] == []
    lake.add_lf_tags_to_resource(Resource=columns, LFTags=[{"TagKey": "pii", "TagValues": ["none"]}])
    lake.add_lf_tags_to_resource(Resource=columns, LFTags=[{"TagKey": "layer", "TagValues": ["gold"]}])
    lake.add_lf_tags_to_resource(
        Resource={"TableWithColumns": {**TABLE, "ColumnNames": ["b"]}},
        LFTags=[{"TagKey": "pii", "TagValues": ["email"]}],
    )

    def seen() -> dict[str, dict[str, list[str]]]:
        found = lake.get_resource_lf_tags(Resource=columns).get("LFTagsOnColumns", [])
        return {c["Name"]: {t["TagKey"]: t["TagValues"] for t in c["LFTags"]} for c in found}

    assert seen() == {"a": {"pii": ["none"], "layer": ["gold"]}, "b": {"pii": ["email"], "layer": ["gold"]}}
    assert (
        lake.remove_lf_tags_from_resource(
            Resource=columns, LFTags=[{"TagKey": "pii", "TagValues": ["none"]}]
        )["Failures"]
        == []
    )
    assert seen() == {"a": {"layer": ["gold"]}, "b": {"layer": ["gold"]}}
    (failure,) = lake.add_lf_tags_to_resource(
        Resource=columns, LFTags=[{"TagKey": "pii", "TagValues": ["other"]}]
    )["Failures"]
    assert failure["Error"]["ErrorCode"] == "EntityNotFoundException"
    lake.delete_lf_tag(TagKey="layer")
    assert seen() == {}
    lake.delete_lf_tag(TagKey="pii")


def test_a_composite_alarm_is_made_seen_and_gone(client: Client) -> None:
    watch = client("cloudwatch")
    metric = {
        "Namespace": "x",
        "MetricName": "y",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
    }
    watch.put_metric_alarm(AlarmName="one", ComparisonOperator="GreaterThanThreshold", **metric)
    watch.put_composite_alarm(
        AlarmName="all", AlarmRule='ALARM("one")', AlarmDescription="any of them", ActionsEnabled=True
    )
    found = watch.describe_alarms(AlarmNames=["all"], AlarmTypes=["CompositeAlarm"])
    assert [(a["AlarmName"], a["AlarmRule"], a["ActionsEnabled"]) for a in found["CompositeAlarms"]] == [
        ("all", 'ALARM("one")', True)
    ]
    assert found["MetricAlarms"] == []
    watch.delete_alarms(AlarmNames=["all", "one"])
    assert watch.describe_alarms(AlarmNames=["all"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"] == []


def test_a_budget_tells_its_subscribers_and_tags(client: Client) -> None:
    budgets = client("budgets")
    name = f"b-{budgets.meta.region_name}-{id(budgets)}"
    details = {
        "NotificationType": "ACTUAL",
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": 50.0,
        "ThresholdType": "PERCENTAGE",
    }
    told = [{"SubscriptionType": "SNS", "Address": "arn:aws:sns:eu-central-1:123456789012:alerts"}]
    budget = {
        "BudgetName": name,
        "BudgetLimit": {"Amount": "10", "Unit": "USD"},
        "TimeUnit": "MONTHLY",
        "BudgetType": "COST",
    }
    place = {"AccountId": "123456789012"}
    budgets.create_budget(
        **place, Budget=budget, NotificationsWithSubscribers=[{"Notification": details, "Subscribers": told}],
        ResourceTags=[{"Key": "owner", "Value": "me"}],
    )  # fmt: skip
    found = budgets.describe_subscribers_for_notification(**place, BudgetName=name, Notification=details)
    assert found["Subscribers"] == told
    arn = f"arn:aws:budgets::123456789012:budget/{name}"
    budgets.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "team", "Value": "data"}])
    budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=["owner"])
    assert budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == [
        {"Key": "team", "Value": "data"}
    ]
    budgets.delete_budget(**place, BudgetName=name)


def test_a_function_keeps_where_its_failures_go(client: Client) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    functions = client("lambda")
    name = f"f-{functions.meta.region_name}"
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    queue = {"TargetArn": "arn:aws:sqs:eu-central-1:123456789012:undelivered"}
    code = {"ZipFile": b"PK\x05\x06" + b"\x00" * 18}
    functions.create_function(
        FunctionName=name, Runtime="python3.13", Role=role, Handler="x.y", Code=code, DeadLetterConfig=queue
    )
    assert functions.get_function_configuration(FunctionName=name)["DeadLetterConfig"] == queue
    other = {"TargetArn": "arn:aws:sqs:eu-central-1:123456789012:other"}
    functions.update_function_configuration(FunctionName=name, DeadLetterConfig=other)
    assert functions.get_function(FunctionName=name)["Configuration"]["DeadLetterConfig"] == other


def test_a_schema_registry_keeps_its_tags(client: Client) -> None:
    glue = client("glue")
    arn = glue.create_registry(RegistryName="messages", Tags={"owner": "me"})["RegistryArn"]
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"owner": "me"}
    glue.tag_resource(ResourceArn=arn, TagsToAdd={"team": "data"})
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"owner": "me", "team": "data"}


def test_a_job_keeps_its_maintenance_window_and_can_be_changed(client: Client) -> None:
    glue = client("glue")
    stated = {
        "Role": "arn:aws:iam::123456789012:role/job", "Command": {"Name": "gluestreaming", "ScriptLocation": "s3://a/run.py"}, "GlueVersion": "5.1",
        "WorkerType": "G.1X", "NumberOfWorkers": 2, "MaintenanceWindow": "Sun:04",
    }  # fmt: skip
    glue.create_job(Name="stream", Tags={"owner": "me"}, **stated)
    assert glue.get_job(JobName="stream")["Job"].items() >= stated.items()
    changed = {**stated, "NumberOfWorkers": 5, "DefaultArguments": {"--job": "stream"}}
    assert glue.update_job(JobName="stream", JobUpdate=changed)["JobName"] == "stream"
    seen = glue.get_job(JobName="stream")["Job"]
    assert seen.items() >= changed.items()
    assert seen["Name"] == "stream"
    # The new definition is all there is.
    glue.update_job(JobName="stream", JobUpdate={k: v for k, v in stated.items() if k != "MaintenanceWindow"})
    seen = glue.get_job(JobName="stream")["Job"]
    assert "MaintenanceWindow" not in seen
    assert seen["NumberOfWorkers"] == 2
    assert seen["DefaultArguments"] == {}
    arn = f"arn:aws:glue:{glue.meta.region_name}:123456789012:job/stream"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"owner": "me"}
    with pytest.raises(ClientError) as caught:
        glue.update_job(JobName="none", JobUpdate=stated)
    assert code_of(caught) == "EntityNotFoundException"
    glue.delete_job(JobName="stream")


def test_a_connection_is_changed_and_gone(client: Client) -> None:
    glue = client("glue")
    stated = {
        "Name": "warehouse",
        "ConnectionType": "JDBC",
        "ConnectionProperties": {"JDBC_CONNECTION_URL": "jdbc:postgresql://a/b"},
    }
    glue.create_connection(ConnectionInput=stated, Tags={"owner": "me"})
    changed = {**stated, "ConnectionProperties": {"JDBC_CONNECTION_URL": "jdbc:postgresql://c/d"}}
    glue.update_connection(Name="warehouse", ConnectionInput=changed)
    seen = glue.get_connection(Name="warehouse")["Connection"]
    assert (seen["ConnectionType"], seen["ConnectionProperties"]) == ("JDBC", changed["ConnectionProperties"])
    assert "AthenaProperties" not in seen
    glue.delete_connection(ConnectionName="warehouse")
    with pytest.raises(ClientError) as caught:
        glue.delete_connection(ConnectionName="warehouse")
    assert code_of(caught) == "EntityNotFoundException"
