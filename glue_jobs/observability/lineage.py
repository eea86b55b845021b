"""Sends OpenLineage events: what each run reads and writes, before and after each write."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from glue_jobs.aws import clients
from glue_jobs.observability import lineage_facets as facets
from glue_jobs.observability.lineage_facets import Dataset, Engine, LineageRun, Parent
from glue_jobs.s3 import S3Uri
from lakehouse.environments import names, prefixes
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Zone

__all__ = ["Dataset", "Engine", "Lineage", "LineageRun", "Parent"]

log = logging.getLogger(__name__)


@dataclass
class _Sender:
    """The transport that OpenLineage is configured with.

    After one failure it is not tried again: each try takes seconds.
    """

    client: Any = None
    failed: bool = False


class Lineage:
    """The lineage of one run.

    Events go to `<lineage root>/job=<job>/run_id=<run>/<seq>-<TYPE>.json`, and to where OpenLineage's own
    configuration (OPENLINEAGE_URL, OPENLINEAGE_CONFIG, …) says. An outage is logged and never fails the run.
    """

    def __init__(self, env: Environment, job: str, run_id: str, run: LineageRun) -> None:
        """`run_id` and that of the run's parent are UUIDs."""
        self._env = env
        self._job = job
        self._run_id = str(uuid.UUID(run_id))
        self._run = run
        self._seq = 0
        self._sender: _Sender | None = None

    def start(self, inputs: Sequence[Dataset] = (), outputs: Sequence[Dataset] = ()) -> None:
        """The run begins."""
        self._emit("START", inputs, outputs)

    def progress(self, inputs: Sequence[Dataset] = (), outputs: Sequence[Dataset] = ()) -> None:
        """One write of several is about to happen, or has happened."""
        self._emit("RUNNING", inputs, outputs)

    def complete(self, inputs: Sequence[Dataset] = (), outputs: Sequence[Dataset] = ()) -> None:
        """The run has written everything."""
        self._emit("COMPLETE", inputs, outputs)

    def fail(
        self, error: BaseException, inputs: Sequence[Dataset] = (), outputs: Sequence[Dataset] = ()
    ) -> None:
        """The run ended with an error, which is sent without secrets."""
        self._emit("FAIL", inputs, outputs, error)

    def _emit(
        self,
        kind: str,
        inputs: Sequence[Dataset],
        outputs: Sequence[Dataset],
        error: BaseException | None = None,
    ) -> None:
        self._seq += 1
        try:
            event = self._event(kind, inputs, outputs, error)
        except Exception:
            log.exception("lineage event %s of job %s could not be made", kind, self._job)
            return
        self._try(kind, "S3", lambda: self._to_s3(kind, event))
        sender = self._sender = self._sender or _Sender()
        if _configured() and not sender.failed:
            sender.failed = not self._try(
                kind, "OpenLineage's transport", lambda: self._to_client(sender, event)
            )

    def _try(self, kind: str, where: str, send: Callable[[], None]) -> bool:
        try:
            send()
        except Exception as error:
            log.error("lineage event %s of job %s was not sent to %s: %s", kind, self._job, where, error)
            return False
        return True

    def _event(
        self, kind: str, inputs: Sequence[Dataset], outputs: Sequence[Dataset], error: BaseException | None
    ) -> Any:
        from openlineage.client.event_v2 import Job, Run, RunEvent, RunState, set_producer

        # The producer of every facet; no argument reaches them all.
        set_producer(facets.PRODUCER)
        return RunEvent(
            eventType=RunState[kind],
            eventTime=datetime.now(UTC).isoformat(timespec="milliseconds"),
            run=Run(self._run_id, facets.run_facets(self._run, facets.job_namespace(self._env), error)),
            job=Job(facets.job_namespace(self._env), self._job, facets.job_facets(self._run)),
            inputs=[facets.input_dataset(self._env, item) for item in inputs],
            outputs=[facets.output_dataset(self._env, item) for item in outputs],
        )

    def _to_s3(self, kind: str, event: Any) -> None:
        from openlineage.client.serde import Serde

        root = S3Uri.parse(names.zone_uri(self._env, Zone.ARTIFACTS))
        key = root.child(
            f"{prefixes.lineage(self._job)}/run_id={self._run_id}/{self._seq:03d}-{kind}.json"
        ).key
        clients(self._env).s3.put_object(
            Bucket=root.bucket, Key=key, Body=Serde.to_json(event).encode(), ContentType="application/json"
        )

    def _to_client(self, sender: _Sender, event: Any) -> None:
        if sender.client is None:
            from openlineage.client import OpenLineageClient

            sender.client = OpenLineageClient()
        sender.client.emit(event)


def _configured() -> bool:
    # Asked first, because a client that finds no configuration prints every event to the console.
    return any(
        name in ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG") or name.startswith("OPENLINEAGE__")
        for name in os.environ
    )
