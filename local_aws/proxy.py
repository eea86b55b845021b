"""The embedded AWS under AWS's own host names: a proxy for Terraform, so that the stack names no endpoint."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local_aws.iam.guard import Admission, Guard
from local_aws.peers import is_of_this_user

# Host names of AWS; the proxy answers for no other.
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")

LockOf = Callable[[str], AbstractContextManager[Any]]


class _Server(ThreadingHTTPServer):
    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Closes a connection of another user of this machine."""
        return is_of_this_user(client_address, ("127.0.0.1", int(self.server_address[1])))


def authority() -> Path:
    """The certificate that a client of the proxy must trust.

    Its key is public, so only a child process may trust it.
    """
    from moto.moto_proxy.certificate_creator import CertificateCreator

    return Path(CertificateCreator.cacert)


def client_environment(port: int) -> dict[str, str]:
    """Variables that make a program talk to the embedded AWS only."""
    bundle = str(authority())
    proxy = f"http://127.0.0.1:{port}"
    names = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
    return {
        **dict.fromkeys(names, proxy),
        "NO_PROXY": "",
        "no_proxy": "",
        "AWS_CA_BUNDLE": bundle,
        "SSL_CERT_FILE": bundle,
    }


def serve(port: int, certificates: Path, lock_of: LockOf, guard: Guard) -> None:
    """Serve from a thread until the process ends, with the state of this process's moto.

    `lock_of` gives the lock of a service; `guard` decides what roles may.
    """
    from moto.moto_proxy import logger, proxy3
    from moto.moto_proxy.certificate_creator import CertificateCreator

    from local_aws import extensions

    logger.setLevel(logging.WARNING)
    template = Path(CertificateCreator.certdir) / "req.conf.tmpl"
    certificates.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, certificates)
    # The package's own folder may be read-only, and all platforms share it.
    CertificateCreator.certdir = f"{certificates}/"

    class Handler(proxy3.MotoRequestHandler):
        def parse_request(self, method: str, host: str, path: str, headers: Any, body: bytes | None) -> Any:
            if _is_foreign(host, headers):
                return 403, {"Content-Type": "text/plain"}, b"this proxy answers for AWS alone"
            parts = headers.get("Authorization", "").split("/", 4)
            with lock_of(parts[3] if len(parts) == 5 else "s3"):
                url_path, _, query = path.partition("?")
                lower = {"host": urlsplit(host).netloc, **{k.lower(): v for k, v in headers.items()}}
                call = extensions.parse(method, url_path, query, lower, body or b"")
                admission = guard.admit(call)
                body = admission.body(body) if body else body
                reply = admission.refusal or extensions.answer(admission.call(call))
                if reply is None:
                    answer = super().parse_request(method, host, path, headers, body)
                    return _with_refused(answer, admission) if admission.refused_keys else answer
                # The proxy ends the headers only when there is at least one.
                return reply.status, {"Content-Length": str(len(reply.body)), **reply.headers}, reply.body

    proxy3.MotoRequestHandler = Handler  # type: ignore[misc]
    server = _Server(("127.0.0.1", port), proxy3.ProxyRequestHandler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()


def _is_foreign(host: str, headers: Any) -> bool:
    """A page that looks its own name up as 127.0.0.1, or that calls AWS from a browser."""
    name = urlsplit(host).hostname or ""
    return headers.get("Origin") is not None or not name.endswith(_AWS)


def _with_refused(answer: Any, admission: Admission) -> Any:
    """moto's answer to a deletion of many, with the keys that were refused."""
    status, headers, content = answer
    raw = content.encode() if isinstance(content, str) else content
    return status, headers, admission.answer(raw)
