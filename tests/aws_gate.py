"""A proxy before the embedded AWS that counts the calls that change something, kills at one, or throttles."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from microburst.app import make_app
from microburst.core.pipeline import Microburst
from microburst.detection import detect

_READS = ("Get", "Head", "List", "Describe", "Query", "Scan", "BatchGet")


class AwsGate(Microburst):  # type: ignore[misc]
    """Forwards every call. `changes` are the operations that changed something, in their order.

    The process group of `kill` is killed by SIGKILL right after the change number `kill_after` (from 1)
    of those whose operation and path contain `kill_at`.
    """

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self._relay, self.upstream.relay = self.upstream.relay, self._relay_head_too
        self.changes: list[str] = []
        self.kill_after = 0
        self.kill_at = ""
        self.kill: int | None = None
        self.killed_at: str | None = None

    async def handle_proxy(self, request: web.Request) -> Any:
        response = await super().handle_proxy(request)
        url = request.rel_url
        context = detect(request.headers, request.method, url.raw_path, url.query, None)
        operation = str(context.operation or request.method)
        if request.method != "GET" and not operation.startswith(_READS):
            self.changes.append(f"{context.service}:{operation} {url.path}")
            if self.kill is not None and self.kill_at in self.changes[-1]:
                self.kill_after -= 1
                if self.kill_after == 0:
                    os.killpg(self.kill, signal.SIGKILL)
                    self.killed_at, self.kill = self.changes[-1], None
        return response

    async def _relay_head_too(self, request: web.Request, *arguments: Any, **named: Any) -> Any:
        """microburst drops the length from the reply to a HEAD, and S3A takes it for that of the object."""
        if request.method != "HEAD":
            return await self._relay(request, *arguments, **named)
        url = self.upstream.base_url + request.rel_url.raw_path_qs
        async with self.upstream.session.head(url, headers=request.headers) as reply:
            return web.Response(status=reply.status, headers=reply.headers)

    def arm(self, after: int, group: int, at: str = "") -> None:
        """Kills the process group after `after` changes from now on, of those that contain `at`."""
        self.changes.clear()
        self.killed_at = None
        self.kill_after, self.kill_at, self.kill = after, at, group

    def throttle(self, share: float) -> None:
        """Answers this share of all calls as an AWS service that is asked too often."""
        slow_down = {"code": "SlowDown", "status": 503}
        exceeded = {"code": "ThrottlingException", "status": 400}
        self.engine.set_rules(
            [
                {"service": "s3", "probability": share, "error": slow_down},
                *[
                    {"service": service, "probability": share, "error": exceeded}
                    for service in ("dynamodb", "glue", "ssm", "secretsmanager", "cloudwatch", "sns")
                ],
            ]
        )


@contextmanager
def aws_gate(overlay: Path) -> Iterator[tuple[AwsGate, Path]]:
    """A gate before the platform of `overlay`, and the overlay of the same platform seen through it."""
    facts = json.loads(overlay.read_text(encoding="utf-8"))
    with gate_before(facts["aws"]["endpoint"]) as (gate, endpoint):
        facts["aws"]["endpoint"] = endpoint
        gated = overlay.with_name("gated.json")
        gated.write_text(json.dumps(facts), encoding="utf-8")
        gated.chmod(0o600)
        yield gate, gated


@contextmanager
def gate_before(endpoint: str) -> Iterator[tuple[AwsGate, str]]:
    """A gate before an endpoint, and its own endpoint."""
    gate = AwsGate(endpoint)
    with served(gate) as port:
        yield gate, f"http://127.0.0.1:{port}"


@contextmanager
def served(proxy: Microburst) -> Iterator[int]:
    """The port of a proxy that runs in a thread of its own as long as the block."""
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(make_app(proxy))

    async def start() -> int:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return int(runner.addresses[0][1])

    def in_loop(work: Callable[[], Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work(), loop).result(30)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield in_loop(start)
    in_loop(runner.cleanup)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
