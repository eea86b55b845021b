"""Step Functions of the embedded AWS executes a state machine as its role, and validates definitions."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.extensions.conftest import Client

ROLE, NAME = "state-machine-role", "counts"
TRUST = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
QUERY = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:dynamodb:query",
    "Arguments": {
        "TableName": NAME,
        "Select": "COUNT",
        "KeyConditionExpression": "id = :id",
        "ExpressionAttributeValues": {":id": {"S": "{% $states.input.id %}"}},
    },
    "Output": {"count": "{% $states.result.Count %}"},
    "End": True,
}
DEFINITION = {"QueryLanguage": "JSONata", "StartAt": "Count", "States": {"Count": QUERY}}


def _policy(effect: str) -> str:
    statement = {
        "Effect": effect,
        "Action": "dynamodb:Query",
        "Resource": f"arn:aws:dynamodb:*:*:table/{NAME}",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def machine(client: Client) -> str:
    """A state machine that counts the items of a table."""
    client("dynamodb").create_table(
        TableName=NAME,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    client("dynamodb").put_item(TableName=NAME, Item={"id": {"S": "a"}})
    name = f"{ROLE}-{client('sts').meta.region_name}"
    trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    made = client("stepfunctions").create_state_machine(
        name=NAME, definition=json.dumps(DEFINITION), roleArn=role["Arn"]
    )
    return str(made["stateMachineArn"])


def _execute(client: Client, machine: str, effect: str) -> dict[str, Any]:
    role = f"{ROLE}-{client('sts').meta.region_name}"
    client("iam").put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=_policy(effect))
    states = client("stepfunctions")
    arn = states.start_execution(stateMachineArn=machine, input='{"id": "a"}')["executionArn"]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        shown: dict[str, Any] = states.describe_execution(executionArn=arn)
        if shown["status"] != "RUNNING":
            return shown
        time.sleep(0.1)
    raise AssertionError("it has not ended")


def test_state_machine_calls_aws_with_the_rights_of_its_role(client: Client, machine: str) -> None:
    ended = _execute(client, machine, "Allow")
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"count": 1})
    refused = _execute(client, machine, "Deny")
    assert refused["status"] == "FAILED"
    assert "is not authorized to perform: dynamodb:Query" in refused["cause"]


def test_definition_is_validated_before_it_is_deployed(client: Client) -> None:
    states = client("stepfunctions")
    sound = states.validate_state_machine_definition(definition=json.dumps(DEFINITION))
    assert (sound["result"], sound["diagnostics"]) == ("OK", [])
    broken = states.validate_state_machine_definition(definition='{"StartAt": "Count"}')
    assert broken["result"] == "FAIL"


def test_state_machine_with_a_broken_definition_is_refused(client: Client) -> None:
    with pytest.raises(ClientError, match="InvalidDefinition"):
        client("stepfunctions").create_state_machine(
            name="broken", definition='{"StartAt": "Count"}', roleArn="arn:aws:iam::123456789012:role/none"
        )
