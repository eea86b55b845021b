"""Decides whether an event is worth a message, and writes the message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.common import links
from lambdas.common.audit import Run
from lambdas.common.job_catalog import Job
from lambdas.common.message import Message, Severity
from lambdas.common.redact_patterns import first_line
from lambdas.sla_notifier.attempts import FAILED_STATES, GlueRun, failed_attempts
from lambdas.sla_notifier.events import DELAY, GlueEvent
from lambdas.sla_notifier.settings import NotifierSettings

OUTCOMES = {
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMEOUT": "was ended at its timeout",
    "STOPPED": "was stopped",
}
MAX_FACT = 900


@dataclass(frozen=True)
class Notification:
    """An event with its job and runs. `run` is None when Glue does not answer or no longer has the run."""

    event: GlueEvent
    job: Job
    runs: Sequence[GlueRun] = ()
    run: GlueRun | None = None
    audit_run: Run | None = None

    @property
    def state(self) -> str:
        """The run's state in the event."""
        return self.event.detail.state

    @property
    def attempt(self) -> int:
        """The number of failures of the logical date up to this one; 0 when it is unknown."""
        return failed_attempts(self.runs, self.run, self.state) if self.run else 0


def severity_of(notification: Notification, *, tell_success: bool) -> Severity | None:
    """None when the event needs no message: a success where it is not wanted, a failure that is retried.

    A failure of unknown attempt causes a message: one too many is better than silence.
    """
    if notification.event.detail_type == DELAY:
        return "late"
    if notification.state not in FAILED_STATES:
        return "success" if tell_success else None
    last = not notification.attempt or notification.attempt > notification.job.retries
    return "failure" if last else None


def message(settings: NotifierSettings, notification: Notification, severity: Severity) -> Message:
    """The message to the job's owner. It never raises, for any content of the event."""
    facts = _facts(settings, notification, severity)
    return Message(
        key=notification.event.key,
        severity=severity,
        title=f"[{settings.environment}] {notification.job.name} {_outcome(notification, severity)}",
        facts=tuple((name, first_line(value, MAX_FACT)) for name, value in facts.items() if value),
        links=_links(settings, notification, severity),
    )


def _outcome(notification: Notification, severity: Severity) -> str:
    if severity == "late":
        return "takes too long"
    return OUTCOMES.get(notification.state, f"ended as {notification.state or 'unknown'}")


def _facts(settings: NotifierSettings, notification: Notification, severity: Severity) -> dict[str, str]:
    """The facts by name; those that are unknown or do not apply are empty."""
    detail, job, run = notification.event.detail, notification.job, notification.run
    ran = bool(run and run.seconds)
    return {
        "Job": f"{job.name} ({job.pipeline}, owner {job.owner})",
        "Environment": settings.environment,
        "Logical date": run.run_date.isoformat() if run else "",
        "Run": detail.run_id,
        "Audit run": notification.audit_run.run_id if notification.audit_run else "",
        "Took": duration_text(run.seconds, job.sla_minutes) if run and ran else "",
        "SLA": f"{job.sla_minutes} min" if job.sla_minutes and not ran else "",
        "Attempt": _attempt(notification) if severity == "failure" else "",
        "Error": error_of(notification) if severity == "failure" else "",
        "Notice": first_line(detail.message) if severity == "late" else "",
    }


def _attempt(notification: Notification) -> str:
    allowed = notification.job.retries + 1
    return f"{notification.attempt} of {allowed}, the last" if 0 < notification.attempt <= allowed else ""


def error_of(notification: Notification) -> str:
    """The error of the audit, which is the clearest and already redacted; else Glue's; else the event's."""
    audit_run, run = notification.audit_run, notification.run
    if audit_run and audit_run.error:
        code, error = audit_run.error_code, audit_run.error
        return error if error.startswith(code) else f"{code} {error}"
    return first_line(run.error if run and run.error else notification.event.detail.message)


def duration_text(seconds: float, sla_minutes: int) -> str:
    """`42 of the 60 min of its SLA`, with the excess where there is one."""
    minutes = seconds / 60
    if not sla_minutes:
        return f"{minutes:.0f} min"
    excess = f", {minutes - sla_minutes:.0f} min too long" if minutes > sla_minutes else ""
    return f"{minutes:.0f} of the {sla_minutes} min of its SLA{excess}"


def _links(
    settings: NotifierSettings, notification: Notification, severity: Severity
) -> tuple[tuple[str, str], ...]:
    run_id, glue_name = notification.event.detail.run_id, notification.job.glue_name
    run = ("Run", links.run(settings, glue_name, run_id))
    logs = ("Logs", links.logs(settings, run_id))
    if severity == "success":
        return (run, logs)
    code = notification.audit_run.error_code if notification.audit_run else ""
    runbook = links.runbook(settings, code, finding="too_long" if severity == "late" else "")
    return (run, logs, ("Runbook", runbook))
