"""A message is made of any event, and fits every channel."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.audit import Run
from lambdas.common.job_catalog import Job
from lambdas.common.message import MAX_SECTION, MAX_SUBJECT, MAX_TITLE
from lambdas.sla_notifier.attempts import GlueRun
from lambdas.sla_notifier.events import GlueEvent
from lambdas.sla_notifier.notification import Notification, duration_text, message, severity_of
from lambdas.sla_notifier.settings import NotifierSettings

SETTINGS = NotifierSettings(
    "prod", "1", "eu-central-1", "n", "b", "k", "arn", "url", "told", "audit", "https://docs", "/jobs/error"
)


WORDS = st.text() | st.text(alphabet="<>&*_~`!@#|\n\r\t\0\u200b😀", max_size=5000)


EVENTS = st.builds(
    lambda kind, name, state, **rest: {
        "version": "0",
        "id": "1",
        "source": "aws.glue",
        "account": "1",
        "time": "2026-01-01T00:00:00Z",
        "region": "r",
        "resources": [],
        "detail-type": kind,
        "detail": {"jobName": name, "state": state, **rest},
    },
    kind=st.sampled_from(["Glue Job State Change", "Glue Job Run Status"]),
    name=WORDS.filter(bool),
    state=st.sampled_from(["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"]) | WORDS | st.none() | st.integers(),
    jobRunId=WORDS | st.none() | st.integers(),
    message=WORDS | st.none() | st.dictionaries(st.text(), st.text()),
    more=st.recursive(st.none() | st.booleans() | st.text(), st.lists),
)


JOBS = st.builds(
    Job,
    name=WORDS,
    glue_name=WORDS,
    pipeline=WORDS,
    owner=WORDS,
    schedule=st.just("0 2 * * *"),
    retries=st.integers(0, 9),
    sla_minutes=st.integers(0, 10_000),
    email=WORDS,
    slack=WORDS,
)


MOMENTS = st.datetimes(timezones=st.just(UTC))


RUNS = st.builds(
    GlueRun,
    WORDS,
    st.sampled_from(["FAILED", "SUCCEEDED"]),
    MOMENTS,
    st.dates(),
    st.integers(0, 10**9),
    WORDS,
)


AUDIT_RUNS = st.none() | st.builds(
    Run,
    run_id=WORDS,
    job=WORDS,
    run_date=st.dates(),
    status=WORDS,
    started_at=MOMENTS,
    seconds=st.floats(0, 1e9),
    error_code=WORDS,
    error=WORDS,
)


@settings(max_examples=100, deadline=None)
@given(EVENTS, JOBS, st.lists(RUNS, max_size=4), AUDIT_RUNS)
def test_a_message_is_made_of_any_event_and_fits_every_channel(
    event: dict[str, Any], job: Job, runs: list[GlueRun], audit_run: Run | None
) -> None:
    parsed = GlueEvent.model_validate(event)
    notification = Notification(parsed, job, runs, runs[0] if runs else None, audit_run)
    severity = severity_of(notification, tell_success=True) or "failure"
    sent = message(SETTINGS, notification, severity)
    assert sent.subject.isascii()
    assert 0 < len(sent.subject) <= MAX_SUBJECT
    assert sent.subject.isprintable()
    header, *sections = sent.blocks
    assert 0 < len(header["text"]["text"]) <= MAX_TITLE
    assert all(0 < len(part["text"]["text"]) <= MAX_SECTION for part in sections)
    # The header is plain text to Slack; a mention in the rest would notify people.
    assert "<!" not in json.dumps([sent.notice, *sections])
    assert len(sent.as_json.encode()) + len(sent.text.encode()) < 200_000
    json.loads(sent.as_json)


@pytest.mark.parametrize(
    ("seconds", "sla", "text"),
    [
        (600, 60, "10 of the 60 min of its SLA"),
        (3700, 60, "62 of the 60 min of its SLA, 2 min too long"),
        (600, 0, "10 min"),
    ],
)
def test_a_duration_is_compared_with_the_sla(seconds: int, sla: int, text: str) -> None:
    assert duration_text(seconds, sla) == text
