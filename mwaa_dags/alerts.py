"""Tells the platform's people of a task that failed after its last retry."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from lakehouse.environments import Environment, names

log = logging.getLogger(__name__)

# SNS's own limit of a subject; and an error longer than this is for the log.
MOST_SUBJECT, MOST_ERROR = 99, 500


def teller(env: Environment, runbook: str = "job-failed") -> Callable[[Mapping[str, Any]], None]:
    """A callback for `on_failure_callback`, which Airflow calls once no retry is left. A message that cannot be sent is logged, and hides nothing.

    Of a Glue run that failed people hear once: where sla_notifier is at work, from it.
    """

    def tell(context: Mapping[str, Any]) -> None:
        if env.monitoring and getattr(context.get("exception"), "event_sent", False):
            log.info("sla_notifier, which hears of every Glue run, tells the people of the job")
            return
        said = message(env, context, runbook)
        subject = f"{said['dag']}.{said['task']} failed for {said['logical_date']} ({env.name})"
        try:
            import boto3

            topic = f"arn:aws:sns:{env.region}:{env.account}:{names.alert_topic(env)}"
            line = subject.encode("ascii", "replace").decode()[:MOST_SUBJECT]
            boto3.client("sns", region_name=env.region).publish(
                TopicArn=topic, Subject=line, Message=json.dumps(said)
            )
        except Exception as error:
            log.error("alert not sent: %s: %s: %s", subject, error, json.dumps(said))

    return tell


def message(env: Environment, context: Mapping[str, Any], runbook: str) -> dict[str, str]:
    """What is told. Nothing of a parameter's value is in it; errors come from jobs that have taken secrets out."""
    ti, run = context["ti"], context.get("dag_run")
    day = getattr(run, "logical_date", None) or getattr(run, "run_after", None)
    error = " ".join(str(context.get("exception") or "").split())
    return {
        "kind": "task_failed",
        "environment": env.name,
        "dag": ti.dag_id,
        "task": ti.task_id,
        "run": ti.run_id,
        "logical_date": day.date().isoformat() if day else "",
        "attempts": str(ti.try_number),
        "owner": str(getattr(context.get("task"), "owner", "")),
        "error": error[:MOST_ERROR],
        "log": str(getattr(ti, "log_url", "") or ""),
        "runbook": f"{env.stack.alerts.docs_url}/runbooks/{runbook}.md",
    }
