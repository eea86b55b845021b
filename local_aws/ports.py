"""Chooses the ports of the services."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from local_aws.processes import ServiceError, psutil

SERVICES = ("aws", "aws_proxy", "snowflake", "postgres", "kafka", "kafka_controller")


def choose(prescribed: Mapping[str, int] | None) -> dict[str, int]:
    """A free port of 127.0.0.1 for each service that has no prescribed one.

    Raises `ServiceError` for a prescribed port that is taken, with the process that listens there.
    """
    prescribed = prescribed or {}
    if unknown := prescribed.keys() - set(SERVICES):
        raise ServiceError(f"unknown service '{sorted(unknown)[0]}'; the services are {', '.join(SERVICES)}")
    ports = {}
    listeners = []
    try:
        for name in SERVICES:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", prescribed.get(name, 0)))
            except OSError as error:
                listener.close()
                port = prescribed[name]
                raise ServiceError(
                    f"port {port} for {name} cannot be used: {_holder(port) or error.strerror}"
                ) from None
            listeners.append(listener)
            ports[name] = int(listener.getsockname()[1])
    finally:
        for listener in listeners:
            listener.close()
    return ports


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                return _described(connection.pid)
    except psutil.Error:
        pass
    return ""


def _described(pid: int | None) -> str:
    if not pid:
        return "another user's process listens there"
    name: str = psutil.Process(pid).name()
    return f"{name} (process {pid}) listens there"
