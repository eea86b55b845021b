"""Dead-letter queues of Lambda functions."""

from __future__ import annotations

import json

from tests.local_aws.extensions.conftest import Client


def test_a_function_keeps_its_dead_letter_queue(client: Client) -> None:
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
