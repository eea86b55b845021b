"""`lakehouse backfill`: the plan that a person sees, the question, and a backfill that goes on by its id."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from moto.glue.models import FakeJobRun

from cli.backfill.record import Backfills
from cli.run import glue_unit
from glue_jobs.aws import clients
from glue_jobs.state.audit import Audit, Counts, RunRow
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from tests.cli.calls import Call

JOB = "crm_to_bronze"
DAYS = ["--from", "2017-01-01", "--to", "2017-01-03"]


class GlueRuns:
    """The runs of Glue jobs that moto records, some of which fail."""

    def __init__(self, env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
        self.env, self.fails_on = env, ""
        as_dict = FakeJobRun.as_dict

        def with_failures(run: FakeJobRun) -> dict[str, Any]:
            failed = run.arguments["--run-date"] == self.fails_on
            return {**as_dict(run), "JobRunState": "FAILED" if failed else "SUCCEEDED"}

        monkeypatch.setattr(FakeJobRun, "as_dict", with_failures)
        # In place of the deployed function, which moto of this process cannot run.
        monkeypatch.setattr(glue_unit, "start_run", self.start)
        glue = clients(env).glue
        with contextlib.suppress(glue.exceptions.EntityNotFoundException):
            glue.delete_job(JobName=names.glue_job(env, JOB))
        command: Any = {"Name": "glueetl", "ScriptLocation": "s3://x/y"}
        glue.create_job(
            Name=names.glue_job(env, JOB),
            Role="r",
            Command=command,
            ExecutionProperty={"MaxConcurrentRuns": 9},
        )

    @staticmethod
    def start(
        env: Environment, job: str, day: date, params: Mapping[str, str], arguments: Mapping[str, str]
    ) -> str:
        given = {"--run-date": day.isoformat(), **{f"--{name}": value for name, value in arguments.items()}}
        run = clients(env).glue.start_job_run(JobName=names.glue_job(env, job), Arguments=given)
        return str(run["JobRunId"])

    @property
    def days(self) -> list[tuple[str, str]]:
        """(day, window) of every run, in their order."""
        runs = clients(self.env).glue.get_job_runs(JobName=names.glue_job(self.env, JOB))["JobRuns"]
        asked = [run["Arguments"] for run in sorted(runs, key=lambda run: run["StartedOn"])]
        return [(arguments["--run-date"], arguments["--backfill"]) for arguments in asked]


@pytest.fixture
def runs(moto_world: Environment, monkeypatch: pytest.MonkeyPatch) -> GlueRuns:
    return GlueRuns(moto_world, monkeypatch)


def backfill(lakehouse: Call, *arguments: str) -> Any:
    return lakehouse("backfill", "--env", "local", *arguments)


def test_the_plan_says_where_sources_stand_and_what_is_read_again(
    moto_world: Environment, runs: GlueRuns, lakehouse: Call
) -> None:
    bucket = names.bucket(moto_world, Zone.LANDING)
    for day in ("2016-12-31", "2017-01-01", "2017-01-03", "2017-01-04"):
        key = f"crm/contacts/dt={day}/part-0.jsonl"
        clients(moto_world).s3.put_object(Bucket=bucket, Key=key, Body=b"0123456789")
    through = {"dt": "2017-01-31", "through": "2017-02-01T00:00:00+00:00", "recent": []}
    Watermarks(moto_world).reset("crm_contacts.files", through)
    audit = Audit(moto_world)
    audit.start(RunRow("r-1", JOB, "retail", date(2017, 1, 2)))
    counts = {"bronze.crm_contacts": Counts(70, 70), "bronze.crm_accounts": Counts(5, 5)}
    audit.finish("r-1", tables=counts, seconds=60.0, cost_estimate_usd=0.5)
    answer = backfill(lakehouse, *DAYS, "--job", JOB, "--dry-run", "--json")
    assert answer.code == 0, answer.err
    plan = json.loads(answer.out.splitlines()[0])
    contacts = next(row for row in plan["sources"] if row["table"] == "bronze.crm_contacts")
    assert contacts["stands at"] == "folders up to dt=2017-01-31, files up to 2017-02-01T00:00:00"
    assert contacts["is read again"].startswith("2 files of folders dt=2017-01-01 to dt=2017-01-03")
    assert contacts["rows, by the audit"] == 70
    assert plan["runs"][0] == {"job": JOB, "runs": 3, "seconds each": 60.0, "minutes": 3.0, "USD": 1.5}
    assert runs.days == []


def test_a_failed_backfill_goes_on_by_its_id(
    moto_world: Environment, runs: GlueRuns, lakehouse: Call
) -> None:
    runs.fails_on = "2017-01-02"
    stopped = backfill(lakehouse, *DAYS, "--job", JOB, "--yes")
    assert stopped.code == 1
    assert "RUN602" in stopped.err
    assert "--resume b-" in stopped.err
    record = Backfills(moto_world).newest(1)[0]
    assert (record.status, record.done, record.jobs) == ("OPEN", 1, [JOB])
    runs.fails_on = ""
    assert backfill(lakehouse, "--resume", record.id, "--yes").code == 0
    window = f"2017-01-01..2017-01-03@{record.id}"
    assert runs.days == [(f"2017-01-0{day}", window) for day in (1, 2, 2, 3)]
    assert Backfills(moto_world).get(record.id).status == "DONE"
    rows = Audit(moto_world).list(job="backfill", limit=2)
    assert [row.status for row in rows] == ["SUCCEEDED", "FAILED"]
    assert rows[0].actor
    assert rows[0].action["id"] == record.id
    assert "is done" in backfill(lakehouse, "--resume", record.id, "--yes").out
    listed = json.loads(backfill(lakehouse, "--list", "--json").out)
    assert (listed[0]["id"], listed[0]["days done"]) == (record.id, 3)


def test_at_once_is_one_run_of_each_job(runs: GlueRuns, lakehouse: Call) -> None:
    assert backfill(lakehouse, *DAYS, "--job", JOB, "--at-once", "--yes").code == 0
    assert [day for day, _ in runs.days] == ["2017-01-03"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--job", JOB], "from '': wanted a date"),
        ([*DAYS], "name either --pipeline or --job"),
        (["--from", "2017-01-03", "--to", "2017-01-01", "--job", JOB], "is before from"),
        ([*DAYS, "--job", "loan_events_stream"], "unknown job"),
        ([*DAYS, "--job", "streaming_loan_events"], "no batch job or pipeline 'streaming_loan_events'"),
        (["--resume", "b-none"], "RUN603 there is no backfill 'b-none'"),
    ],
)
def test_a_wrong_request_is_refused(
    arguments: list[str], message: str, runs: GlueRuns, lakehouse: Call
) -> None:
    answer = backfill(lakehouse, *arguments, "--yes")
    assert answer.code in (1, 2)
    assert message in " ".join(answer.err.replace("│", " ").split())
    assert runs.days == []
