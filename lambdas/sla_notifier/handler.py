"""The Lambda function `sla_notifier`: receives an event of a Glue run and notifies the owner of its job."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.common.deliver import deliver
from lambdas.common.job_catalog import load_job_catalog
from lambdas.common.settings import read_settings
from lambdas.common.tools import Handler, count, instrumented, logger
from lambdas.sla_notifier.enrichment import enrich
from lambdas.sla_notifier.events import GlueEvent
from lambdas.sla_notifier.notification import message, severity_of
from lambdas.sla_notifier.settings import NotifierSettings

# Metrics for alarms and dashboard. The run cannot emit them itself, because it may have been killed.
FAILURES, QUARANTINED = "job_failures", "records_quarantined_total"
QUARANTINED_FILES = "files_quarantined_total"


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Channel → `sent` or `queued`; empty when the event needs no message."""
    return _instrumented()(event, context)  # type: ignore[no-any-return]


@cache
def _settings() -> NotifierSettings:
    return read_settings(NotifierSettings)


@cache
def _instrumented() -> Handler:
    return instrumented(_handle)


def _handle(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    settings = _settings()
    parsed = parse(event=event, model=GlueEvent)
    catalog = load_job_catalog(settings.job_catalog_bucket, settings.job_catalog_key)
    job = catalog.job_of(parsed.detail.job_name)
    notification = enrich(settings, parsed, job)
    severity = severity_of(notification, tell_success=settings.tell_success == "yes")
    fields = {"job_name": job.name, "glue_run": parsed.detail.run_id, "severity": severity}
    logger.info("%s %s", job.name, notification.state, extra=fields)
    if notification.audit_run:
        tables = notification.audit_run.tables.values()
        count(settings, QUARANTINED, sum(counts.quarantined for counts in tables), job.name)
        count(settings, QUARANTINED_FILES, sum(counts.quarantined_files for counts in tables), job.name)
    if severity is None:
        return {}
    if severity == "failure":
        # Before the delivery, so that the alarm also rises when every channel fails.
        count(settings, FAILURES, 1, job.name)
    return deliver(settings, message(settings, notification, severity), job, context)
