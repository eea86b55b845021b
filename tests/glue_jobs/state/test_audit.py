"""The audit: one row per run, closed once."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from glue_jobs.errors import RunError
from glue_jobs.observability.redact import register
from glue_jobs.state.audit import Audit, AuditConflictError, Counts, RunRow, Status
from lakehouse.environments import Environment
from lakehouse.project import VARIABLE, project_root
from lakehouse.release import FILE, Release, git_commit
from tests.project_marker import mark

DAY = date(2017, 1, 2)


def row(job: str = "snowflake_to_bronze", run_date: date = DAY) -> RunRow:
    return RunRow(str(uuid.uuid4()), job, "retail", run_date, batch_id="b-1", trace_id="t-1")


COUNTS = {"bronze.snowflake_orders": Counts(rows_in=10, written=7, quarantined=2, deduplicated=1)}


def test_run_that_succeeds_leaves_its_whole_story(aws_env: Environment) -> None:
    audit = Audit(aws_env)
    started = audit.start(row())
    assert audit.get(started.run_id) == started
    assert (started.status, started.ended_at) == (Status.RUNNING, "")
    finished = audit.finish(started.run_id, tables=COUNTS, seconds=12.5, cost_estimate_usd=0.0147)
    stored = audit.get(started.run_id)
    assert stored == finished
    assert stored is not None
    assert stored.tables == COUNTS
    assert (stored.status, stored.seconds, stored.cost_estimate_usd, stored.batch_id) == (
        Status.SUCCEEDED,
        12.5,
        0.0147,
        "b-1",
    )
    assert stored.started_at <= stored.ended_at
    assert stored.code_version


def test_a_run_names_the_release_that_it_runs(
    aws_env: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Release("e" * 64, "b" * 64, "5dbb370")
    mark(tmp_path)
    (tmp_path / FILE).write_text(release.to_json())
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    stored = Audit(aws_env).get(Audit(aws_env).start(row()).run_id)
    assert stored is not None
    assert (stored.engine, stored.bundle, stored.commit) == ("e" * 64, "b" * 64, "5dbb370")


def test_a_run_of_a_working_tree_names_its_commit(aws_env: Environment) -> None:
    started = Audit(aws_env).start(row())
    assert (started.engine, started.bundle, started.commit) == ("", "", git_commit(project_root()))


def test_run_that_fails_leaves_code_and_first_line_without_secrets(aws_env: Environment) -> None:
    audit = Audit(aws_env)
    started = audit.start(row())
    register(["canary-in-audit"])
    audit.fail(started.run_id, RunError("login as canary-in-audit refused\nsecond line", code="RUN099"))
    stored = audit.get(started.run_id)
    assert stored is not None
    assert (stored.status, stored.error_code, stored.error) == (
        Status.FAILED,
        "RUN099",
        "RUN099 login as *** refused",
    )


def test_audit_whose_replies_were_lost_is_written_once(lossy: Any) -> None:
    audit = Audit(lossy.env)
    lossy.lose_replies("PutItem")
    started = audit.start(row())
    lossy.lose_replies("PutItem")
    audit.finish(started.run_id, tables=COUNTS, seconds=1, cost_estimate_usd=0)
    assert len(lossy.fired) == 2
    stored = audit.get(started.run_id)
    assert stored is not None
    assert stored.status is Status.SUCCEEDED


def test_run_is_started_once_and_closed_once(aws_env: Environment) -> None:
    audit = Audit(aws_env)
    started = audit.start(row())
    with pytest.raises(AuditConflictError, match="in the audit already"):
        audit.start(started)
    audit.fail(started.run_id, ValueError("x"))
    with pytest.raises(AuditConflictError, match="closed as FAILED"):
        audit.finish(started.run_id, tables={}, seconds=1, cost_estimate_usd=0)
    with pytest.raises(AuditConflictError, match="never started"):
        audit.finish("no-such-run", tables={}, seconds=1, cost_estimate_usd=0)


def test_runs_are_listed_newest_first_by_job_and_logical_date(aws_env: Environment) -> None:
    audit = Audit(aws_env)
    job, other, day = (f"job_{uuid.uuid4().hex}", f"job_{uuid.uuid4().hex}", date(2016, 5, 6))
    started = [
        audit.start(row(name, when)) for name, when in [(job, DAY), (other, DAY), (job, day), (job, DAY)]
    ]
    # Two runs of one millisecond have no order.
    ids = [r.run_id for r in started]
    assert {r.run_id for r in audit.list(job=job)} == {ids[0], ids[2], ids[3]}
    stamps = [r.started_at for r in audit.list(job=job)]
    assert stamps == sorted(stamps, reverse=True)
    assert [r.run_id for r in audit.list(job=job, run_date=day)] == [ids[2]]
    assert {r.run_id for r in audit.list(run_date=day)} == {ids[2]}
    assert len(audit.list(limit=2)) == 2
