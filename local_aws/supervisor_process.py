"""Starts the supervisor of a local platform as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

from local_aws.files import platform_files
from local_aws.plan import Plan
from local_aws.processes import ServiceError, clean_environment

STOP_SECONDS = 20


def start_supervisor(plan: Plan) -> subprocess.Popen[str]:
    """Returns when every service answers. Raises ServiceError for one that does not start."""
    log = platform_files(plan.workdir).log
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "local_aws.supervisor"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=plan.workdir,
            env=clean_environment(),
            start_new_session=True,
        )
    requests, replies = process.stdin, process.stdout
    if requests is None or replies is None:
        raise ServiceError("the supervisor has no pipes")
    requests.write(plan.model_dump_json() + "\n")
    requests.flush()
    if plan.detached:
        requests.close()
    with replies:
        reply = json.loads(replies.readline() or "{}")
    if not reply.get("ready"):
        process.wait(STOP_SECONDS)
        raise ServiceError(reply.get("error") or f"the local platform did not start; see {log}")
    return process
