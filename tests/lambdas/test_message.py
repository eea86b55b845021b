"""A message is made of whatever an event holds, and shows no secret."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.audit import Run
from lambdas.common.job_catalog import Job
from lambdas.common.message import MOST_SECTION, MOST_SUBJECT, MOST_TITLE
from lambdas.common.redact_patterns import first_line, scrub
from lambdas.sla_notifier.attempts import GlueRun, glue_run
from lambdas.sla_notifier.events import GlueEvent
from lambdas.sla_notifier.notification import News, message, took, weight
from lambdas.sla_notifier.settings import NotifierSettings

SETTINGS = NotifierSettings(
    "prod", "1", "eu-central-1", "n", "b", "k", "arn", "url", "told", "audit", "https://docs", "/jobs/error"
)
WORDS = st.text() | st.text(alphabet="<>&*_~`!@#|\n\r\t\0\u200b😀", max_size=5000)
EVENTS = st.builds(
    lambda kind, name, state, **rest: {
        "version": "0", "id": "1", "source": "aws.glue", "account": "1", "time": "2026-01-01T00:00:00Z", "region": "r", "resources": [],
        "detail-type": kind, "detail": {"jobName": name, "state": state, **rest},
    },
    kind=st.sampled_from(["Glue Job State Change", "Glue Job Run Status"]), name=WORDS.filter(bool),
    state=st.sampled_from(["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"]) | WORDS | st.none() | st.integers(), jobRunId=WORDS | st.none() | st.integers(),
    message=WORDS | st.none() | st.dictionaries(st.text(), st.text()), more=st.recursive(st.none() | st.booleans() | st.text(), st.lists),
)  # fmt: skip
JOBS = st.builds(
    Job, name=WORDS, glue_name=WORDS, pipeline=WORDS, owner=WORDS, schedule=st.just("0 2 * * *"), retries=st.integers(0, 9),
    sla_minutes=st.integers(0, 10_000), email=WORDS, slack=WORDS,
)  # fmt: skip
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
AUDITED = st.none() | st.builds(
    Run, run_id=WORDS, job=WORDS, run_date=st.dates(), status=WORDS, started_at=MOMENTS, seconds=st.floats(0, 1e9), error_code=WORDS, error=WORDS
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(EVENTS, JOBS, st.lists(RUNS, max_size=4), AUDITED)
def test_a_message_is_made_of_any_event_and_fits_every_channel(
    event: dict[str, Any], job: Job, runs: list[GlueRun], audited: Run | None
) -> None:
    parsed = GlueEvent.model_validate(event)
    news = News(parsed, job, runs, runs[0] if runs else None, audited)
    kind = weight(news, tell_success=True) or "failure"
    made = message(SETTINGS, news, kind)
    assert made.subject.isascii()
    assert 0 < len(made.subject) <= MOST_SUBJECT
    assert made.subject.isprintable()
    header, *sections = made.blocks
    assert 0 < len(header["text"]["text"]) <= MOST_TITLE
    assert all(0 < len(part["text"]["text"]) <= MOST_SECTION for part in sections)
    # The header is plain text to Slack; in all the rest a mention would call people.
    assert "<!" not in json.dumps([made.notice, *sections])
    assert len(made.as_json.encode()) + len(made.text.encode()) < 200_000
    json.loads(made.as_json)


@pytest.mark.parametrize(
    "leak",
    [
        "jdbc:postgresql://app:S3cr3tValue@db/x", "password=S3cr3tValue", '{"password": "S3cr3tValue"}', "PWD='S3cr3tValue';", "api_key: S3cr3tValue,",
        "Authorization: Bearer S3cr3tValue", "xoxb-1234-S3cr3tValue", "https://b.s3.amazonaws.com/k?X-Amz-Signature=S3cr3tValue&x=1",
        "SNOWFLAKE_TOKEN=S3cr3tValue", "aws_secret_access_key = S3cr3tValue", "eyJhbGciOiJI.S3cr3tValue.x",
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_hidden(leak: str) -> None:
    assert "S3cr3tValue" not in scrub(f"could not connect: {leak} and more")


def test_plain_words_stay() -> None:
    said = "RUN301 rule failed: 5 of 1,000 rows of silver.orders; see secret 'lakehouse/prod/snowflake'"
    assert scrub(said) == said


def test_the_first_line_is_the_first_that_says_something() -> None:
    assert first_line("\n  \n Boom\tx\nmore") == "Boom x"
    assert first_line("x" * 999).endswith("…")
    assert first_line("") == ""


@pytest.mark.parametrize(
    ("seconds", "sla", "said"),
    [
        (600, 60, "10 of the 60 min of its SLA"),
        (3700, 60, "62 of the 60 min of its SLA, 2 min too long"),
        (600, 0, "10 min"),
    ],
)
def test_a_duration_is_told_against_its_sla(seconds: int, sla: int, said: str) -> None:
    assert took(seconds, sla) == said


@pytest.mark.parametrize(
    ("arguments", "day"),
    [
        ({"--run-date": "2026-03-01"}, date(2026, 3, 1)), ({"--run_date": "2026-03-01"}, date(2026, 3, 1)), ({}, date(2026, 4, 30)),
        ({"--run-date": "soon"}, date(2026, 4, 30)),
    ],
)  # fmt: skip
def test_the_logical_date_of_a_glue_run_is_its_argument_or_the_day_before_its_start(
    arguments: dict[str, str], day: date
) -> None:
    run = {
        "Id": "jr",
        "JobRunState": "FAILED",
        "StartedOn": datetime(2026, 5, 1, 0, 30, tzinfo=UTC),
        "Arguments": arguments,
    }
    assert glue_run(run).run_date == day
