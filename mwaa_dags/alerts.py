"""Publishes an alert when a task has failed after its last retry."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from lakehouse.environments import Environment, names

log = logging.getLogger(__name__)

# SNS allows a subject of fewer than 100 characters.
MAX_SUBJECT = 99
# A longer error belongs in the log.
MAX_ERROR = 500


def failure_callback(env: Environment, runbook: str = "job-failed") -> Callable[[Mapping[str, Any]], None]:
    """Returns a callback for Airflow's `on_failure_callback`, which publishes to the alert topic.

    Airflow calls it when no retry is left. It publishes nothing for a failed Glue run where monitoring is on:
    there sla_notifier sends the message. An alert that cannot be sent is logged and never raises.
    """

    def alert(context: Mapping[str, Any]) -> None:
        if env.monitoring and getattr(context.get("exception"), "event_sent", False):
            log.info("sla_notifier receives the event of this Glue run and notifies the job's owner")
            return
        body = message(env, context, runbook)
        subject = f"{body['dag']}.{body['task']} failed for {body['logical_date']} ({env.name})"
        try:
            _publish(env, subject, body)
        except Exception as error:
            log.error("alert not sent: %s: %s: %s", subject, error, json.dumps(body))

    return alert


def _publish(env: Environment, subject: str, body: Mapping[str, str]) -> None:
    import boto3  # slow to import, and needed only when a task fails

    topic = f"arn:aws:sns:{env.region}:{env.account}:{names.alert_topic(env)}"
    ascii_subject = subject.encode("ascii", "replace").decode()[:MAX_SUBJECT]
    sns = boto3.client("sns", region_name=env.region)
    sns.publish(TopicArn=topic, Subject=ascii_subject, Message=json.dumps(body))


def message(env: Environment, context: Mapping[str, Any], runbook: str) -> dict[str, str]:
    """The alert's body. It holds no parameter value; jobs have already redacted secrets from their errors."""
    ti, run = context["ti"], context.get("dag_run")
    moment = getattr(run, "logical_date", None) or getattr(run, "run_after", None)
    error = " ".join(str(context.get("exception") or "").split())
    return {
        "kind": "task_failed",
        "environment": env.name,
        "dag": ti.dag_id,
        "task": ti.task_id,
        "run": ti.run_id,
        "logical_date": moment.date().isoformat() if moment else "",
        "attempts": str(ti.try_number),
        "owner": str(getattr(context.get("task"), "owner", "")),
        "error": error[:MAX_ERROR],
        "log": str(getattr(ti, "log_url", "") or ""),
        "runbook": f"{env.stack.alerts.docs_url}/runbooks/{runbook}.md",
    }
