"""A factory of Azure as its clients see it: login, createRun and pipelineruns, under Azure's own host names.

A proxy answers for them, with certificates of an authority that only the client's process trusts.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from moto.moto_proxy.certificate_creator import CertificateCreator
from moto.moto_proxy.proxy3 import ProxyRequestHandler

LOGIN, MANAGEMENT = "login.microsoftonline.com", "management.azure.com"
TENANT = "11111111-2222-3333-4444-555555555555"


@dataclass
class Factory:
    """What was asked of it. A run is in progress when it is asked for the first time, and then ends."""

    port: int
    client_secret: str
    ends: dict[str, str] = field(default_factory=dict)
    logins: list[dict[str, str]] = field(default_factory=list)
    created: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    polls: dict[str, int] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """Variables of a client that reaches the factory and trusts its certificates."""
        bundle, proxy = str(CertificateCreator.cacert), f"http://127.0.0.1:{self.port}"
        trusted = dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), bundle)
        return {**trusted, "HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": "127.0.0.1,localhost"}

    def answer(self, method: str, url: str, authorization: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """(status, JSON) of a request."""
        host, path = urlsplit(url).netloc.split(":")[0], urlsplit(url).path
        if host == LOGIN:
            return self._login(path, body)
        if host != MANAGEMENT or authorization != "Bearer token":
            return 401, {"error": {"code": "AuthenticationFailed", "message": "no token"}}
        if method == "POST" and path.endswith("/createRun"):
            run_id = f"00000000-0000-0000-0000-{len(self.created) + 1:012}"
            self.created.append((path, json.loads(body or b"{}")))
            return 200, {"runId": run_id}
        run_id = path.rsplit("/", 1)[1]
        self.polls[run_id] = self.polls.get(run_id, 0) + 1
        day = self.created[int(run_id[-12:]) - 1][1].get("end_date", "")
        status = "InProgress" if self.polls[run_id] == 1 else self.ends.get(day, "Succeeded")
        return 200, {"runId": run_id, "pipelineName": "p", "status": status}

    def _login(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        base = f"https://{LOGIN}/{TENANT}"
        if path.endswith("openid-configuration"):
            endpoints = {"authorization_endpoint": f"{base}/a", "token_endpoint": f"{base}/oauth2/v2.0/token"}
            return 200, {**endpoints, "issuer": f"{base}/v2.0"}
        if "discovery/instance" in path:
            alias = {"preferred_network": LOGIN, "preferred_cache": LOGIN, "aliases": [LOGIN]}
            document = f"{base}/v2.0/.well-known/openid-configuration"
            return 200, {"tenant_discovery_endpoint": document, "metadata": [alias], "api-version": "1.1"}
        form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
        self.logins.append(form)
        if form.get("client_secret") != self.client_secret:
            return 401, {"error": "invalid_client", "error_description": "AADSTS7000215"}
        return 200, {"token_type": "Bearer", "expires_in": 3600, "access_token": "token"}


@contextmanager
def factory(folder: Path, client_secret: str, ends: dict[str, str]) -> Iterator[Factory]:
    """Serves until the block ends. `ends`: end_date of a run → how it ends, where that is not well."""
    template = Path(CertificateCreator.certdir) / "req.conf.tmpl"
    (folder / template.name).write_bytes(template.read_bytes())
    before, CertificateCreator.certdir = CertificateCreator.certdir, f"{folder}/"

    class Handler(ProxyRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            host, authorization = self.headers["Host"], self.headers.get("Authorization", "")
            url = f"https://{host}{self.path}"
            status, document = served.answer(self.command, url, authorization, self.rfile.read(length))
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = Factory(int(server.server_address[1]), client_secret, ends)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        CertificateCreator.certdir = before
