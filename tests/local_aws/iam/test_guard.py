"""Calls of a role's session are decided in each protocol of AWS, and refused in the words of the service."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakehouse.environments import Environment
from local_aws.iam.record import entries, record_file
from tests.local_aws.iam.session_role import Client, Role, refusal


@pytest.fixture
def role(local_env: Environment, client: Client) -> Role:
    return Role(local_env, client)


def test_each_protocol_refuses_in_its_own_form(role: Role, bucket: str) -> None:
    topic = f"arn:aws:sns:{role.env.region}:{role.env.account}:none"
    because = "because no identity-based policy allows the"
    assert refusal(role.client("s3").get_object, Bucket=bucket, Key="k") == (
        "AccessDenied",
        f'{role.user}s3:GetObject on resource: "arn:aws:s3:::{bucket}/k" {because} s3:GetObject action',
    )
    assert refusal(role.client("s3").head_object, Bucket=bucket, Key="k") == ("403", "Forbidden")
    glue = f"arn:aws:glue:{role.env.region}:{role.env.account}"
    assert refusal(role.client("glue").get_table, DatabaseName="d", Name="t") == (
        "AccessDeniedException",
        f"{role.user}glue:GetTable on resource: {glue}:catalog {because} glue:GetTable action",
    )
    assert refusal(role.client("sns").publish, TopicArn=topic, Message="m") == (
        "AuthorizationError",
        f"{role.user}SNS:Publish on resource: {topic} {because} sns:Publish action",
    )
    metric = {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1.0}]}
    code, message = refusal(role.client("cloudwatch").put_metric_data, **metric)
    assert code in ("AccessDenied", "AccessDeniedException")
    assert message == f"{role.user}cloudwatch:PutMetricData {because} cloudwatch:PutMetricData action"
    function = f"arn:aws:lambda:{role.env.region}:{role.env.account}:function:f"
    assert refusal(role.client("lambda").invoke, FunctionName="f") == (
        "AccessDeniedException",
        f"{role.user}lambda:InvokeFunction on resource: {function} {because} lambda:InvokeFunction action",
    )
    assert role.client("sts").get_caller_identity()["Arn"].endswith(f"{role.name}/run")


def test_conditions_decide_by_prefix_namespace_and_partition_key(
    role: Role, bucket: str, client: Client
) -> None:
    table = f"t-{bucket}"
    client("dynamodb").create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "job", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "job", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    role.may(
        {"Action": "s3:ListBucket", "Condition": {"StringLike": {"s3:prefix": "a/*"}}},
        {"Action": "cloudwatch:*", "Condition": {"StringEquals": {"cloudwatch:namespace": "lake"}}},
        {
            "Action": ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchWriteItem"],
            "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["mine*"]}},
        },
    )
    s3, dynamodb, metrics = role.client("s3"), role.client("dynamodb"), role.client("cloudwatch")
    s3.list_objects_v2(Bucket=bucket, Prefix="a/b")
    assert refusal(s3.list_objects_v2, Bucket=bucket, Prefix="b")[0] == "AccessDenied"
    assert refusal(s3.list_objects_v2, Bucket=bucket)[0] == "AccessDenied"
    data = [{"MetricName": "m", "Value": 1.0}]
    metrics.put_metric_data(Namespace="lake", MetricData=data)
    assert "PutMetricData" in refusal(metrics.put_metric_data, Namespace="other", MetricData=data)[1]
    query = {
        "TableName": table,
        "KeyConditionExpression": "#j = :j",
        "ExpressionAttributeNames": {"#j": "job"},
    }
    put = [{"PutRequest": {"Item": {"job": {"S": name}}}} for name in ("mine1", "mine2")]
    dynamodb.get_item(TableName=table, Key={"job": {"S": "mine1"}})
    dynamodb.query(**query, ExpressionAttributeValues={":j": {"S": "mine1"}})
    dynamodb.batch_write_item(RequestItems={table: put})
    assert (
        refusal(dynamodb.get_item, TableName=table, Key={"job": {"S": "yours"}})[0] == "AccessDeniedException"
    )
    values = {":j": {"S": "yours"}}
    assert refusal(dynamodb.query, **query, ExpressionAttributeValues=values)[0] == "AccessDeniedException"


def test_missing_object_is_forbidden_to_who_may_not_list(role: Role, bucket: str) -> None:
    role.may({"Action": "s3:GetObject"})
    assert refusal(role.client("s3").get_object, Bucket=bucket, Key="k")[0] == "AccessDenied"
    role.may({"Action": ["s3:GetObject", "s3:ListBucket"]})
    assert refusal(role.client("s3").get_object, Bucket=bucket, Key="k")[0] == "NoSuchKey"


def test_deletion_of_many_deletes_what_is_allowed_and_names_the_rest(
    role: Role, bucket: str, s3: Any
) -> None:
    for key in ("a/1", "b/1"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    role.may({"Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{bucket}/a/*"})
    objects = [{"Key": "a/1"}, {"Key": "b/1"}]
    answer = role.client("s3").delete_objects(Bucket=bucket, Delete={"Objects": objects})
    assert [o["Key"] for o in answer["Deleted"]] == ["a/1"]
    assert [(e["Key"], e["Code"]) for e in answer["Errors"]] == [("b/1", "AccessDenied")]
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["b/1"]


def test_encrypted_object_needs_the_right_to_its_key_through_s3(
    role: Role, bucket: str, client: Client
) -> None:
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    client("s3").put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    s3 = role.client("s3")
    role.may({"Action": "s3:*"})
    assert "kms:GenerateDataKey on resource" in refusal(s3.put_object, Bucket=bucket, Key="k", Body=b"x")[1]
    via = {"StringEquals": {"kms:ViaService": f"s3.{role.env.region}.amazonaws.com"}}
    role.may({"Action": "s3:*"}, {"Action": "kms:GenerateDataKey", "Resource": key, "Condition": via})
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert "kms:Decrypt on resource" in refusal(s3.get_object, Bucket=bucket, Key="k")[1]
    assert (
        refusal(role.client("kms").generate_data_key, KeyId=key, KeySpec="AES_256")[0]
        == "AccessDeniedException"
    )


def test_bucket_policy_denies_whom_it_does_not_name(role: Role, bucket: str, s3: Any) -> None:
    role.may({"Action": "s3:*"})
    deny = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:GetObject*",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"StringNotLike": {"aws:PrincipalArn": [f"arn:aws:iam::{role.env.account}:role/job-*"]}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    s3.put_bucket_policy(Bucket=bucket, Policy=document)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    message = refusal(role.client("s3").get_object, Bucket=bucket, Key="k")[1]
    assert message.endswith("with an explicit deny in a resource-based policy")
    s3.put_bucket_policy(Bucket=bucket, Policy=document.replace("role/job-*", f"role/{role.name}"))
    assert role.client("s3").get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_boundary_limits_and_the_record_names_what_was_used_and_refused(
    role: Role, bucket: str, client: Client, local_env: Environment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    only_list = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
    boundary = client("iam").create_policy(
        PolicyName=f"boundary-{role.name}",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [only_list]}),
    )["Policy"]["Arn"]
    client("iam").put_role_permissions_boundary(RoleName=role.name, PermissionsBoundary=boundary)
    role.may({"Sid": "Everything", "Action": "s3:*"})
    role.client("s3").list_objects_v2(Bucket=bucket)
    message = refusal(role.client("s3").put_object, Bucket=bucket, Key="k", Body=b"x")[1]
    assert message.endswith("because no permissions boundary allows the s3:PutObject action")
    folder = next(tmp_path_factory.getbasetemp().glob("platform*"))
    noted = [entry for entry in entries(record_file(folder / "data")) if entry.role == role.arn]
    assert [(e.action, e.policy, e.sid, e.message) for e in noted] == [
        ("s3:ListBucket", "job", "Everything", ""),
        ("s3:PutObject", "", "", message),
    ]


def test_session_of_a_role_that_is_gone_may_nothing(role: Role, bucket: str, client: Client) -> None:
    client("iam").delete_role(RoleName=role.name)
    assert refusal(role.client("s3").list_objects_v2, Bucket=bucket)[0] == "InvalidAccessKeyId"
    assert refusal(role.client("glue").get_databases)[0] == "UnrecognizedClientException"
