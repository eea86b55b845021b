"""A small HTTP/1.1 server for clients on this machine that keep their connections open.

werkzeug's server, which moto uses, closes the connection after each answer and spends over a millisecond on
each request. Delta over S3A sends thousands of small requests; this server needs a twentieth of that time.
"""

from __future__ import annotations

import io
import socket
import socketserver
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from local_aws.peers import is_of_this_user

_MAX_HEADERS = 200
_REASONS = {int(status): status.phrase for status in HTTPStatus}
_ONE_PACKET = 65536
# A page of a foreign site may have the browser look up its own name as 127.0.0.1: the name gives it away.
_OWN_NAMES = frozenset({"127.0.0.1", "localhost"})


class BadRequestError(Exception):
    """The request is not the HTTP/1.1 that this server supports."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request with its whole body. Header names are lower case; repeated ones are joined by commas."""

    method: str
    path: str  # as sent, percent-encoded
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    length: int | None = None  # of the body that a HEAD leaves out


FORBIDDEN = Response(
    403, [("Content-Type", "text/plain")], b"this server answers programs of this machine alone\n"
)

Handler = Callable[[Request], Response]


class Server(socketserver.ThreadingTCPServer):
    """Serves `handler` on 127.0.0.1, a thread for each connection."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, handler: Handler) -> None:
        self.answer = handler
        super().__init__(("127.0.0.1", port), _Connection)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Closes a connection of another user of this machine: secrets need no password here."""
        return is_of_this_user(client_address, ("127.0.0.1", int(self.server_address[1])))


class _Connection(socketserver.StreamRequestHandler):
    server: Server
    disable_nagle_algorithm = True
    rbufsize = _ONE_PACKET

    def handle(self) -> None:
        try:
            while (request := read_request(self.rfile, self._send_continue)) is not None:
                foreign = is_foreign(request.headers)
                self._send(request, FORBIDDEN if foreign else self.server.answer(request))
                if request.headers.get("connection", "").lower() == "close":
                    return
        except BadRequestError as error:
            self.connection.sendall(
                f"HTTP/1.1 400 {error}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
            )
        except (ConnectionError, TimeoutError):
            return

    def _send_continue(self) -> None:
        self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _send(self, request: Request, response: Response) -> None:
        length = len(response.body) if response.length is None else response.length
        lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, '')}"]
        lines += [
            f"{name}: {value}"
            for name, value in response.headers
            if name.lower() not in ("content-length", "connection", "transfer-encoding")
        ]
        if response.status != 204:
            lines.append(f"Content-Length: {length}")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
        body = b"" if request.method == "HEAD" else response.body
        if len(body) < _ONE_PACKET:
            self.connection.sendall(head + body)
        else:
            self.connection.sendall(head, socket.MSG_MORE if hasattr(socket, "MSG_MORE") else 0)
            self.connection.sendall(body)


def is_foreign(headers: dict[str, str]) -> bool:
    """Whether a request names another host, or comes from a page of another site."""
    origin = headers.get("origin")
    names = [headers.get("host", ""), *([] if origin is None else [origin.partition("://")[2]])]
    return any(name.rpartition(":")[0] not in _OWN_NAMES and name not in _OWN_NAMES for name in names)


def read_request(stream: io.BufferedIOBase, send_continue: Callable[[], None]) -> Request | None:
    """The next request of a connection, or None when the client has closed it."""
    line = stream.readline(_ONE_PACKET)
    if not line:
        return None
    try:
        method, target, _version = line.decode("latin-1").split()
    except ValueError:
        raise BadRequestError("Bad request line") from None
    headers = _read_headers(stream)
    if headers.get("expect", "").lower() == "100-continue":
        send_continue()
    path, _, query = target.partition("?")
    return Request(method, path, query, headers, _read_body(stream, headers))


def _read_headers(stream: io.BufferedIOBase) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_MAX_HEADERS):
        line = stream.readline(_ONE_PACKET)
        if line in (b"\r\n", b"\n", b""):
            return headers
        name, separator, value = line.decode("latin-1").partition(":")
        if not separator:
            raise BadRequestError("Bad header")
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    raise BadRequestError("Too many headers")


def _read_body(stream: io.BufferedIOBase, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        parts = []
        while size := int(stream.readline(_ONE_PACKET).split(b";")[0] or b"0", 16):
            parts.append(stream.read(size))
            stream.readline(_ONE_PACKET)
        while stream.readline(_ONE_PACKET) not in (b"\r\n", b"\n", b""):
            pass
        return b"".join(parts)
    length = int(headers.get("content-length") or 0)
    body = stream.read(length) if length else b""
    if len(body) < length:
        raise ConnectionError("the client closed within a body")
    return body
