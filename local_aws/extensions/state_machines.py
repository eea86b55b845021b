"""Step Functions: state machines are executed as their role. Terraform validates them before it makes one."""

from __future__ import annotations

from typing import Any

from moto.core.config import default_user_config
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from local_aws.extensions.calls import ApiError, Call, target
from local_aws.functions.calls import current
from local_aws.iam.assumption import role_session
from local_aws.step_functions import interpreter

_SERVICE = "states.amazonaws.com"


@target("states", "ValidateStateMachineDefinition")
def validate(call: Call) -> dict[str, Any]:
    if not (fault := _fault(call.params["definition"])):
        return {"result": "OK", "diagnostics": [], "truncated": False}
    diagnostic = {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": fault}
    return {"result": "FAIL", "diagnostics": [diagnostic], "truncated": False}


@target("states", "CreateStateMachine")
def create(call: Call) -> None:
    """Refuse what is no definition, in words that have a code; moto makes the others."""
    if fault := _fault(call.params["definition"]):
        raise ApiError("InvalidDefinition", f"Invalid State Machine Definition: '{fault}'")


def _fault(definition: str) -> str:
    """Why moto's parser refuses a definition; empty when it takes it."""
    try:
        AmazonStateLanguageParser.parse(definition)
    except Exception as error:  # the parser has many kinds of them
        return str(error) or repr(error)
    return ""


@target("states", "ListStateMachineVersions")
def versions(_: Call) -> dict[str, Any]:
    """The stack publishes none."""
    return {"stateMachineVersions": []}


def _client_of(region: str, service: str, role: str) -> Any:
    """A client with the keys of a state machine's role. Raises AssumptionError."""
    host = current()
    if host is None:
        raise RuntimeError("nothing is executed here")
    return host.client(service, region, role_session(host, region, role, _SERVICE, "state-machine"))


interpreter.install(_client_of)
default_user_config["stepfunctions"] = {"execute_state_machine": True}
