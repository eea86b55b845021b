"""Managed Airflow: environments are records, available at once, until somebody asks for their Airflow.

The first call of InvokeRestApi or of a token starts a real Airflow with what was deployed for it.
"""

from __future__ import annotations

import json
import time
from typing import Any

from local_aws.airflow import instances
from local_aws.airflow.instance import Instance
from local_aws.airflow.settings import Settings
from local_aws.extensions.calls import ApiError, Call, Reply, path

SERVICE = "airflow"
_LOGS = ("DagProcessingLogs", "SchedulerLogs", "TaskLogs", "WebserverLogs", "WorkerLogs")
_DEFAULTS: dict[str, Any] = {
    "AirflowVersion": "3.2.1",
    "EnvironmentClass": "mw1.small",
    "MaxWorkers": 10,
    "MinWorkers": 1,
    "Schedulers": 2,
    "MaxWebservers": 2,
    "MinWebservers": 2,
    "WebserverAccessMode": "PRIVATE_ONLY",
    "EndpointManagement": "SERVICE",
    "WeeklyMaintenanceWindowStart": "SUN:03:30",
    "AirflowConfigurationOptions": {},
}
_ROLE = "role/aws-service-role/airflow.amazonaws.com/AWSServiceRoleForAmazonMWAA"
_JSON = "application/json"
_CLIENT_ERROR, _SERVER_ERROR = 400, 500
_environments: dict[tuple[str, str], dict[str, Any]] = {}


@path(SERVICE, "PUT", r"/environments/(?P<name>[^/]+)")
def create(call: Call) -> dict[str, Any]:
    name = call.path_values["name"]
    if (call.region, name) in _environments:
        raise ApiError("ValidationException", f"Environment {name} already exists")
    if len(call.params["NetworkConfiguration"].get("SubnetIds", [])) != 2:
        raise ApiError("ValidationException", "Exactly two subnets are required")
    arn = f"arn:aws:airflow:{call.region}:{call.account}:environment/{name}"
    _environments[call.region, name] = {
        **_DEFAULTS,
        **call.params,
        "Name": name,
        "Arn": arn,
        "Status": "AVAILABLE",
        "CreatedAt": int(time.time()),
        "ServiceRoleArn": f"arn:aws:iam::{call.account}:{_ROLE}",
        "WebserverUrl": f"{name}.{call.region}.airflow.amazonaws.com",
        "Tags": call.params.get("Tags") or {},
        "LastUpdate": {"CreatedAt": int(time.time()), "Status": "SUCCESS"},
        "LoggingConfiguration": _logging(call, name, call.params.get("LoggingConfiguration") or {}),
    }
    return {"Arn": arn}


@path(SERVICE, "GET", r"/environments/(?P<name>[^/]+)")
def get(call: Call) -> dict[str, Any]:
    return {"Environment": _environment(call, call.path_values["name"])}


@path(SERVICE, "GET", r"/environments")
def list_all(call: Call) -> dict[str, Any]:
    return {"Environments": [name for region, name in _environments if region == call.region]}


@path(SERVICE, "PATCH", r"/environments/(?P<name>[^/]+)")
def update(call: Call) -> dict[str, Any]:
    environment = _environment(call, call.path_values["name"])
    changes = dict(call.params)
    # An update may change the groups alone; the subnets stay.
    for block in ("NetworkConfiguration", "LoggingConfiguration"):
        changes[block] = {**environment.get(block, {}), **changes.get(block, {})}
    environment.update(
        changes, LoggingConfiguration=_logging(call, environment["Name"], changes["LoggingConfiguration"])
    )
    return {"Arn": environment["Arn"]}


@path(SERVICE, "DELETE", r"/environments/(?P<name>[^/]+)")
def delete(call: Call) -> dict[str, Any]:
    environment = _environment(call, call.path_values["name"])
    del _environments[call.region, environment["Name"]]
    if (running := instances.current()) is not None:
        running.stop(call.region, environment["Name"])
    return {}


@path(SERVICE, "POST", r"/restapi/(?P<name>[^/]+)")
def invoke_rest_api(call: Call) -> Reply:
    """A call of Airflow's own API, whose status tells whether it is an error."""
    params = call.params
    query, body = params.get("QueryParameters") or {}, params.get("Body")
    status, answer = _airflow(call).call(params["Method"], params["Path"], query, body, call.airflow_role)
    content = {"RestApiStatusCode": status, "RestApiResponse": answer}
    if status < _CLIENT_ERROR:
        return Reply(200, {"Content-Type": _JSON}, json.dumps(content).encode())
    code = "RestApiServerException" if status >= _SERVER_ERROR else "RestApiClientException"
    detail = answer.get("detail") if isinstance(answer, dict) else answer
    content |= {"message": f"HTTP {status}: {detail}"}
    headers = {"Content-Type": _JSON, "x-amzn-ErrorType": code}
    return Reply(400, headers, json.dumps(content, default=str).encode())


@path(SERVICE, "POST", r"/clitoken/(?P<name>[^/]+)")
def create_cli_token(call: Call) -> dict[str, Any]:
    """A token for `/aws_mwaa/cli` of the web server, which runs commands of Airflow with all rights."""
    airflow = _airflow(call)
    return {"CliToken": _given(airflow, airflow.cli_token()), "WebServerHostname": airflow.host_name}


@path(SERVICE, "POST", r"/webtoken/(?P<name>[^/]+)")
def create_web_token(call: Call) -> dict[str, Any]:
    """A token of Airflow's own API, as the bearer of a request to the web server."""
    airflow = _airflow(call)
    token = _given(airflow, airflow.token(call.airflow_role))
    return {"WebToken": token, "WebServerHostname": airflow.host_name, "AirflowIdentity": call.airflow_role}


def _given(airflow: Instance, token: str) -> str:
    """The token. Raises ApiError where there is none."""
    if not token:
        raise ApiError("ResourceNotFoundException", airflow.fault or "Airflow starts; ask again", 404)
    return token


@path(SERVICE, "GET", r"/tags/(?P<arn>.+)")
def list_tags(call: Call) -> dict[str, Any]:
    return {"Tags": _by_arn(call)["Tags"]}


@path(SERVICE, "POST", r"/tags/(?P<arn>.+)")
def tag(call: Call) -> dict[str, Any]:
    _by_arn(call)["Tags"].update(call.params["Tags"])
    return {}


@path(SERVICE, "DELETE", r"/tags/(?P<arn>.+)")
def untag(call: Call) -> dict[str, Any]:
    for key in call.query_values.get("tagKeys", []):
        _by_arn(call)["Tags"].pop(key, None)
    return {}


def _environment(call: Call, name: str) -> dict[str, Any]:
    if (call.region, name) not in _environments:
        raise ApiError("ResourceNotFoundException", f"Environment {name} was not found", 404)
    return _environments[call.region, name]


def _airflow(call: Call) -> Instance:
    """The running Airflow of an environment. Raises ApiError where this machine has none of its version."""
    record, running = _environment(call, call.path_values["name"]), instances.current()
    missing = "no Airflow runs here" if running is None else running.missing(record["AirflowVersion"])
    if running is None or missing:
        raise ApiError("ValidationException", missing)
    return running.of(Settings.of(record, call.region))


def _by_arn(call: Call) -> dict[str, Any]:
    return _environment(call, call.path_values["arn"].rpartition("/")[2])


def _logging(call: Call, name: str, requested: dict[str, Any]) -> dict[str, Any]:
    """Every kind of log with its state, and the log group of each that is on."""
    kinds = {}
    for kind in _LOGS:
        level = {"Enabled": False, "LogLevel": "INFO", **requested.get(kind, {})}
        group = (
            f"arn:aws:logs:{call.region}:{call.account}:log-group:airflow-{name}-{kind.removesuffix('Logs')}"
        )
        kinds[kind] = {**level, "CloudWatchLogGroupArn": group} if level["Enabled"] else level
    return kinds
