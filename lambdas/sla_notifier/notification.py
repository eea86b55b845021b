"""What an event means: is it worth a message, and what does the message say?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.common import links
from lambdas.common.audit import Run
from lambdas.common.job_catalog import Job
from lambdas.common.message import Message, Weight
from lambdas.common.redact_patterns import first_line
from lambdas.sla_notifier.attempts import BAD, GlueRun, failed_attempts
from lambdas.sla_notifier.events import DELAY, GlueEvent
from lambdas.sla_notifier.settings import NotifierSettings

ENDED = {
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMEOUT": "was ended at its timeout",
    "STOPPED": "was stopped",
}


@dataclass(frozen=True)
class News:
    """An event with what is known of its run. `this` is None when Glue could not be asked, or has forgotten the run."""

    event: GlueEvent
    job: Job
    runs: Sequence[GlueRun] = ()
    this: GlueRun | None = None
    audited: Run | None = None

    @property
    def state(self) -> str:
        return self.event.detail.state

    @property
    def attempt(self) -> int:
        """Of how many failures of its logical date this is the last; 0 when nobody knows."""
        return failed_attempts(self.runs, self.this, self.state) if self.this else 0


def weight(news: News, *, tell_success: bool) -> Weight | None:
    """None: nobody is told. A failure whose attempt nobody knows is told: silence would be worse than one message too many."""
    if news.event.detail_type == DELAY:
        return "late"
    if news.state not in BAD:
        return "success" if tell_success else None
    return "failure" if not news.attempt or news.attempt > news.job.retries else None


def message(settings: NotifierSettings, news: News, kind: Weight) -> Message:
    """Never fails, whatever the event holds."""
    detail, job, this = news.event.detail, news.job, news.this
    what = (
        "takes too long"
        if kind == "late"
        else ENDED.get(news.state, f"ended as {news.state or 'nobody knows what'}")
    )
    facts = {
        "Job": f"{job.name} ({job.pipeline}, owner {job.owner})",
        "Environment": settings.environment,
        "Logical date": this.run_date.isoformat() if this else "",
        "Run": detail.run_id,
        "Audit run": news.audited.run_id if news.audited else "",
        "Took": took(this.seconds, job.sla_minutes) if this and this.seconds else "",
        "SLA": _sla(job) if not (this and this.seconds) else "",
        "Attempt": f"{news.attempt} of {job.retries + 1}, the last"
        if kind == "failure" and 0 < news.attempt <= job.retries + 1
        else "",
        "Error": error_of(news) if kind == "failure" else "",
        "Notice": first_line(detail.message) if kind == "late" else "",
    }
    return Message(
        key=news.event.key,
        weight=kind,
        title=f"[{settings.environment}] {job.name} {what}",
        facts=tuple((name, first_line(value, 900)) for name, value in facts.items() if value),
        links=_links(settings, news, kind),
    )


def error_of(news: News) -> str:
    """The audit's own line is the clearest and free of secrets; then Glue's; then the event's."""
    if news.audited and news.audited.error:
        code = news.audited.error_code
        return news.audited.error if news.audited.error.startswith(code) else f"{code} {news.audited.error}"
    return first_line(news.this.error if news.this and news.this.error else news.event.detail.message)


def took(seconds: float, sla_minutes: int) -> str:
    """`42 min of 60`; what is over the SLA is said."""
    minutes = seconds / 60
    if not sla_minutes:
        return f"{minutes:.0f} min"
    over = f", {minutes - sla_minutes:.0f} min too long" if minutes > sla_minutes else ""
    return f"{minutes:.0f} of the {sla_minutes} min of its SLA{over}"


def _sla(job: Job) -> str:
    return f"{job.sla_minutes} min" if job.sla_minutes else ""


def _links(settings: NotifierSettings, news: News, kind: Weight) -> tuple[tuple[str, str], ...]:
    run_id, name = news.event.detail.run_id, news.job.glue_name
    code = news.audited.error_code if news.audited else ""
    shown = [("Run", links.run(settings, name, run_id)), ("Logs", links.logs(settings, run_id))]
    if kind == "success":
        return tuple(shown)
    return (*shown, ("Runbook", links.runbook(settings, code, finding="too_long" if kind == "late" else "")))
