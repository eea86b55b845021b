"""Glue's events on the default event bus.

moto delivers them to queues, log groups and buses. What calls functions takes them here.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.glue.host import GlueHost
from local_aws.glue.job_run import FAILED, STOPPED, SUCCEEDED, TIMEOUT, JobRun

log = logging.getLogger(__name__)
# State → severity and message, as in the examples of EventBridge's documentation. A run that could not be
# started (ERROR) causes no event.
_TEXTS = {
    SUCCEEDED: ("INFO", "Job run succeeded"),
    FAILED: ("ERROR", ""),
    TIMEOUT: ("WARN", "Job run timed out"),
    STOPPED: ("INFO", "Job run stopped"),
}


def state_changed(host: GlueHost, run: JobRun) -> None:
    """Put the event `Glue Job State Change` of a run that has ended."""
    if run.state not in _TEXTS:
        return
    severity, message = _TEXTS[run.state]
    detail = {
        "jobName": run.request.job_name,
        "severity": severity,
        "state": run.state,
        "jobRunId": run.id,
        "message": message or run.error,
    }
    _put(host, run, "Glue Job State Change", detail)


def delayed(host: GlueHost, run: JobRun) -> None:
    """Put the event `Glue Job Run Status` of a run past the notification threshold of its job."""
    detail = {
        "jobName": run.request.job_name,
        "severity": "INFO",
        "notificationCondition": dict(run.request.notification),
        "state": run.state,
        "jobRunId": run.id,
        "message": "Job is currently running",
        "startedOn": datetime.fromtimestamp(run.started, UTC).isoformat(),
    }
    _put(host, run, "Glue Job Run Status", detail)


def _put(host: GlueHost, run: JobRun, detail_type: str, detail: dict[str, Any]) -> None:
    entry = {"Source": "aws.glue", "DetailType": detail_type, "Detail": json.dumps(detail)}
    try:
        host.client("events", run.request.region).put_events(Entries=[entry])
    except (BotoCoreError, ClientError) as error:  # a rule's broken target must not change the run
        log.warning("the event of %s was not put: %s", run.id, error)
