"""The small HTTP server reads what clients of AWS send."""

from __future__ import annotations

import http.client
import io
import threading
from collections.abc import Iterator

import pytest

from local_aws.http import BadRequestError, Request, Response, Server, read_request
from local_aws.wsgi import call_wsgi


def parse(raw: bytes) -> Request | None:
    return read_request(io.BytesIO(raw), lambda: None)


@pytest.fixture
def server() -> Iterator[Server]:
    """Answers with method, path and body of the request."""

    def echo(request: Request) -> Response:
        text = f"{request.method} {request.path}?{request.query} ".encode()
        return Response(200, [("X-Length", str(len(request.body)))], text + request.body)

    with Server(0, echo) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def test_one_connection_serves_several_requests(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=5)
    for body in (b"", b"x" * 200_000):
        connection.request("PUT", "/b/k%20y?a=1", body=body)
        reply = connection.getresponse()
        assert (reply.status, reply.getheader("X-Length")) == (200, str(len(body)))
        assert reply.read() == b"PUT /b/k%20y?a=1 " + body


def test_a_chunked_body_is_joined() -> None:
    head = b"PUT /b/k HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    request = parse(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert request is not None
    assert request.body == b"abcde"


def test_repeated_headers_are_joined_by_commas() -> None:
    request = parse(b"GET / HTTP/1.1\r\nX-A: 1\r\nx-a: 2\r\n\r\n")
    assert request is not None
    assert request.headers == {"x-a": "1,2"}


def test_a_closed_connection_has_no_request() -> None:
    assert parse(b"") is None


@pytest.mark.parametrize("raw", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n"])
def test_another_protocol_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequestError):
        parse(raw)


def test_a_body_that_is_cut_off_is_a_lost_connection() -> None:
    with pytest.raises(ConnectionError):
        parse(b"PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab")


def test_a_wsgi_application_gets_the_decoded_path_and_its_headers() -> None:
    def app(environ: dict[str, object], start: object) -> list[bytes]:
        start("201 Created", [("X-Host", str(environ["HTTP_HOST"]))])  # type: ignore[operator]
        return [str(environ["PATH_INFO"]).encode("latin-1")]

    request = Request("GET", "/a%20b", "", {"host": "s3"}, b"")
    response = call_wsgi(app, request, 80)
    assert (response.status, response.headers, response.body) == (201, [("X-Host", "s3")], b"/a b")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:5000"}, 200),
        ({"Host": "127.0.0.1"}, 200),
        ({"Origin": "http://localhost:3000"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example:5000"}, 403),
        ({"Host": "127.0.0.1.evil.example:5000"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_page_of_another_site_is_refused_by_its_host_and_origin(
    server: Server, headers: dict[str, str], status: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=5)
    connection.request("POST", "/moto-api/reset", headers=headers)
    assert connection.getresponse().status == status
