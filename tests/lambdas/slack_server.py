"""A real HTTP server in the place of Slack."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """`delay`: seconds before it comes."""

    status: int = 200
    retry_after: str = ""
    delay: float = 0.0


@dataclass
class SlackServer:
    """Answers with the next of `replies`, then with 200 for ever."""

    replies: list[Reply] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        ours = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ours.times.append(time.monotonic())
                ours.posts.append(json.loads(body))
                ours.tokens.append(self.headers["Authorization"])
                ours.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/api/"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        reply = self.replies.pop(0) if self.replies else Reply()
        time.sleep(reply.delay)
        good = reply.status == 200
        body = json.dumps(
            {
                "ok": good,
                **({} if good else {"error": "ratelimited" if reply.status == 429 else "internal_error"}),
            }
        ).encode()
        try:
            request.send_response(reply.status)
            if reply.retry_after:
                request.send_header("Retry-After", reply.retry_after)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)
        except ConnectionError:
            # The caller did not wait so long.
            pass

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
