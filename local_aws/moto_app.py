"""The process of the embedded AWS: moto behind a fast server.

`python -m local_aws.moto_app PORT PROXY_PORT ACTIVITY_FILE`; the folders of its Glue (JSON) come on standard
input.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
import time
from collections import defaultdict
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from local_aws import inbox, proxy, slack
from local_aws.airflow.instances import Instances, run_on
from local_aws.backups import backups
from local_aws.backups.aurora_clusters import AuroraClusters
from local_aws.backups.backups import Backups
from local_aws.backups.dynamodb_tables import DynamoDbTables
from local_aws.backups.lakebase_data import LakebaseData, data_of
from local_aws.backups.resources import ResourceKind
from local_aws.batch_operations import jobs as batch_jobs
from local_aws.batch_operations.jobs import BatchJobs
from local_aws.extensions.calls import Call, Reply
from local_aws.functions import calls, schedules
from local_aws.glue.host import GlueFolders, GlueHost
from local_aws.glue.runs import execute_on
from local_aws.http import Request, Response, Server
from local_aws.iam.guard import Guard, decide_by
from local_aws.iam.record import record_file
from local_aws.replication import Replication, replicate_by
from local_aws.state.times import set_time, without_time
from local_aws.wsgi import call_wsgi

_SERVICES: tuple[Any, ...] = (
    "s3",
    "dynamodb",
    "secretsmanager",
    "sns",
    "glue",
    "cloudwatch",
    "logs",
    "sts",
)
_TOUCH_EVERY = 10.0


class EmbeddedAws:
    """Answers every request, and notes the time of the last one, so that an idle platform can end itself."""

    def __init__(self, port: int, activity: Path, guard: Guard | None = None) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        from local_aws import extensions, s3_fast

        self._port = port
        self._activity = activity
        self._touched = 0.0
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._fast = s3_fast.answer
        self._extensions = extensions
        self._guard = guard or Guard()
        # moto checks and writes without a lock, so a conditional put could have two winners.
        self._locks: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)

    def __call__(self, request: Request) -> Response:
        self._touch()
        if (posted := slack.answer(request)) is not None:
            return posted
        call = self._extensions.parse(
            request.method, request.path, request.query, request.headers, request.body
        )
        request, moment = without_time(request)
        with self.lock(_service(request)):
            admission = self._guard.admit(call)
            if admission.refusal is not None:
                return _response(admission.refusal)
            request = replace(request, body=admission.body(request.body))
            response = self._answer(request, admission.call(call))
            if moment and response.status == HTTPStatus.OK and not (call and call.is_of_session):
                set_time(request, moment)
            return replace(response, body=admission.answer(response.body))

    def _answer(self, request: Request, call: Call | None) -> Response:
        is_decided = call is not None and call.is_of_session
        if (fast := self._fast(request, is_decided=is_decided)) is not None:
            return fast
        if (reply := self._extensions.answer(call)) is not None:
            return _response(reply)
        return _without_keys(call_wsgi(self._moto, request, self._port))

    def lock(self, service: str) -> threading.RLock:
        return self._locks[service]

    def warm(self) -> None:
        """Import moto's services, which it does at their first request, while the other programs start."""
        for service in _SERVICES:
            with self._moto.lock:
                self._moto.app_instances.setdefault(service, self._moto.create_app(service))

    def _touch(self) -> None:
        now = time.monotonic()
        if now - self._touched > _TOUCH_EVERY:
            self._touched = now
            self._activity.touch()


def _response(reply: Reply) -> Response:
    return Response(reply.status, list(reply.headers.items()), reply.body)


def _service(request: Request) -> str:
    """`s3` of `Credential=AKID/20250101/eu-central-1/s3/aws4_request`; unsigned requests share one name."""
    parts = request.headers.get("authorization", "").split("/", 4)
    return parts[3] if len(parts) == 5 else "s3"


def _without_keys(response: Response) -> Response:
    """Drop the headers of encryption: Hadoop's S3 client cannot copy such an object over HTTP."""
    headers = [
        (name, value)
        for name, value in response.headers
        if not name.lower().startswith("x-amz-server-side-encryption")
    ]
    return replace(response, headers=headers)


def main(port: int, proxy_port: int, activity: Path, glue: GlueFolders) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # An object past moto's buffer size is an open temporary file.
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.environ["MOTO_PORT"] = str(port)
    guard = Guard(record_file(activity.parent))
    decide_by(guard)
    application = EmbeddedAws(port, activity, guard)
    server = Server(port, application)
    proxy.serve(proxy_port, activity.parent / "certificates", application.lock, guard)
    host = GlueHost(glue, f"http://127.0.0.1:{port}")
    runs = execute_on(host)
    calls.execute_on(host)
    inbox.deliver_to(inbox.inbox_file(activity.parent))
    schedules.start()
    replication = Replication(host, guard, application.lock)
    replicate_by(replication)
    clusters = AuroraClusters(data_of(LakebaseData(activity.parent.parent)))
    kinds: dict[str, ResourceKind] = {"dynamodb": DynamoDbTables(host, application.lock), "rds": clusters}
    backups.execute_on(Backups(host, guard, kinds))
    batch_jobs.execute_on(BatchJobs(host, guard, replication))
    airflows = Instances(host, glue.airflows, activity.parent / "airflow")
    run_on(airflows)

    def end(_number: int, _frame: object) -> None:
        airflows.end_all()
        runs.end_all()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=application.warm, daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    folders = GlueFolders.model_validate_json(sys.stdin.read())
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), folders)
