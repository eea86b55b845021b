"""Another user of the machine gets no answer of the local world."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator

import pytest

from local_aws.http import Request, Response, Server
from local_aws.peers import is_of_this_user, user_of

ASK = (
    'exec 3<>/dev/tcp/127.0.0.1/$0; printf "GET / HTTP/1.1\\r\\nHost: localhost\\r\\n'
    'Connection: close\\r\\n\\r\\n" >&3; head -n 1 <&3'
)


@pytest.fixture
def server() -> Iterator[Server]:
    def answer(_request: Request) -> Response:
        return Response(200, [], b"secret")

    with Server(0, answer) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def test_a_socket_of_ipv6_that_is_connected_to_ipv4_is_known(server: Server) -> None:
    """As those of Java are, which is most of what asks here."""
    with socket.socket(socket.AF_INET6) as connection:
        connection.connect(("::ffff:127.0.0.1", server.server_address[1]))
        port = connection.getsockname()[1]
        assert user_of(("127.0.0.1", port), server.server_address) == os.geteuid()


def test_nothing_is_known_of_a_connection_that_does_not_exist(server: Server) -> None:
    assert user_of(("127.0.0.1", 1), server.server_address) is None


def test_a_process_of_this_user_is_answered(server: Server) -> None:
    with socket.create_connection(server.server_address) as connection:
        assert user_of(connection.getsockname(), server.server_address) == os.geteuid()
        assert is_of_this_user(connection.getsockname(), server.server_address)
    assert _answer(server, None).startswith("HTTP/1.1 200")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts a process of another user")
def test_a_process_of_another_user_is_not_answered(server: Server) -> None:
    assert _answer(server, 12345) == ""


def _answer(server: Server, user: int | None) -> str:
    """The first line that bash reads as a user of this machine."""
    port = str(server.server_address[1])
    words = ["bash", "-c", ASK, port]
    done = subprocess.run(words, user=user, cwd="/", capture_output=True, text=True, check=False, timeout=20)
    return done.stdout
