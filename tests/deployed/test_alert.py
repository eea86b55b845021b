"""A deployed job that fails leads to a mail in the inbox: by event, rule, function zip, role and topic."""

from __future__ import annotations

import time
from datetime import date

from lakehouse.pipelines import load_pipelines
from local_aws.inbox import Mail, inbox_file, mails
from tests.deployed.deployed_jobs import DeployedJobs
from tests.deployed.deployed_notifier import DeployedNotifier

JOB = "setup_databases"
_SECONDS = 60


def _mails(deployed: DeployedJobs) -> list[Mail]:
    """The messages, once one is there."""
    deadline = time.monotonic() + _SECONDS
    file = inbox_file(deployed.overlay.parent / "data")
    while not (messages := list(mails(file))) and time.monotonic() < deadline:
        time.sleep(0.2)
    return messages


def test_failed_job_reaches_its_owner_by_mail(deployed: DeployedJobs) -> None:
    notifier = DeployedNotifier(deployed)
    notifier.create()
    deployed.create(JOB)
    retries = next(job.retry.retries for p in load_pipelines().values() for job in p.jobs if job.name == JOB)
    for _ in range(retries + 1):  # a failure that is retried is no news
        run = deployed.run(JOB, date(2017, 1, 2), params='{"no_such_parameter": "1"}')
        assert run["JobRunState"] == "FAILED"
    messages = _mails(deployed)
    log = (deployed.overlay.parent / "logs/aws.log").read_text()[-3000:]
    assert [entry for entry in deployed.refusals if entry.role.endswith(notifier.role)] == [], log
    assert len(messages) == 1, log
    (mail,) = messages
    assert "@company.com" in mail.to
    assert JOB in mail.subject
    assert run["Id"] in mail.text
