"""Glue's connections: update and delete."""

from __future__ import annotations

from typing import Any

from moto.glue.models import FakeConnection, GlueBackend, glue_backends

from local_aws.extensions.calls import ApiError, Call, target


def _backend_with(call: Call, name: str) -> GlueBackend:
    backend: GlueBackend = glue_backends[call.account][call.region]
    if name not in backend.connections:
        raise ApiError("EntityNotFoundException", f"Connection {name} not found")
    return backend


@target("glue", "DeleteConnection")
def delete(call: Call) -> dict[str, Any]:
    name = call.params["ConnectionName"]
    _backend_with(call, name).connections.pop(name)
    return {}


@target("glue", "UpdateConnection")
def update(call: Call) -> dict[str, Any]:
    name = call.params["Name"]
    backend = _backend_with(call, name)
    connection = backend.connections[name]
    tags = backend.get_tags(connection.arn)
    changed = {"Name": name, **call.params["ConnectionInput"]}
    backend.connections[name] = FakeConnection(backend, connection.catalog_id, changed, tags)
    return {}


_shown = FakeConnection.as_dict


def _as_dict(connection: Any, hide_password: bool = False) -> dict[str, Any]:
    """moto's answer with the type, and without properties that were not set."""
    shown: dict[str, Any] = _shown(connection, hide_password)
    missing = {name: connection.connection_input.get(name) for name in ("ConnectionType", "MatchCriteria")}
    return {name: value for name, value in {**shown, **missing}.items() if value not in ({}, None)}


FakeConnection.as_dict = _as_dict  # type: ignore[method-assign,assignment]
