"""The Lambda function `sla_notifier`: an event of a Glue run in, a message to the people of its job out."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.parser import parse

from lambdas.common.deliver import tell
from lambdas.common.job_catalog import load_watched
from lambdas.common.settings import read_settings
from lambdas.common.tools import Work, count, framed, logger
from lambdas.sla_notifier.enrichment import ask
from lambdas.sla_notifier.events import GlueEvent
from lambdas.sla_notifier.notification import message, weight
from lambdas.sla_notifier.settings import NotifierSettings

# For the alarms and the dashboard: how a run ended is known here and not in the run itself, which may have been killed.
FAILURES, QUARANTINED = "job_failures", "records_quarantined_total"


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Channel → `sent` or `queued`; empty when nobody need be told."""
    return _framed()(event, context)  # type: ignore[no-any-return]


@cache
def _settings() -> NotifierSettings:
    return read_settings(NotifierSettings)


@cache
def _framed() -> Work:
    return framed(_work)


def _work(event: dict[str, Any], context: Any) -> dict[str, str]:
    settings = _settings()
    parsed = parse(event=event, model=GlueEvent)
    job = load_watched(settings.watched_bucket, settings.watched_key).job_of(parsed.detail.job_name)
    news = ask(settings, parsed, job)
    kind = weight(news, tell_success=settings.tell_success == "yes")
    logger.info(
        "%s %s",
        job.name,
        news.state,
        extra={"job_name": job.name, "glue_run": parsed.detail.run_id, "told": kind},
    )
    if news.audited:
        count(
            settings,
            QUARANTINED,
            sum(counts.quarantined for counts in news.audited.tables.values()),
            job.name,
        )
    if kind is None:
        return {}
    if kind == "failure":
        # Before it is told: the alarm must hear of it also when no channel does.
        count(settings, FAILURES, 1, job.name)
    return tell(settings, message(settings, news, kind), job, context)
