"""Every service gets a port, prescribed or free."""

from __future__ import annotations

import os
import socket

import pytest

from local_aws import ports
from local_aws.processes import ServiceError


def test_services_get_different_free_ports() -> None:
    chosen = ports.choose(None)
    assert chosen.keys() == set(ports.SERVICES)
    assert len(set(chosen.values())) == len(ports.SERVICES)


def test_a_prescribed_port_is_kept() -> None:
    free = ports.choose(None)["kafka"]
    assert ports.choose({"kafka": free})["kafka"] == free


def test_a_taken_port_is_an_error_that_names_the_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = rf"\(process {os.getpid()}\) listens there"
        with pytest.raises(ServiceError, match=rf"port {port} for aws cannot be used: .*{process}"):
            ports.choose({"aws": port})


def test_a_port_of_an_unknown_service_is_an_error_that_lists_the_services() -> None:
    with pytest.raises(ServiceError, match="unknown service 'oracle'; the services are aws, aws_proxy"):
        ports.choose({"oracle": 1521})
