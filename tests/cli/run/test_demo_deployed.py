"""The demo of the deployed stack: its parts, and at night the whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from cli.run.demo_rights import job_to_fail, require_local, without_last_table
from glue_jobs.errors import RunError
from infra.facts import Facts, read_facts
from infra.parts.jobs.base_policy import KeyArns
from infra.parts.jobs.job_access import job_policy
from lakehouse.environments import load_environment
from lakehouse.environments.reader import OVERLAY
from lakehouse.pipelines import Job, load_pipelines
from lakehouse.project import project_root
from local_aws.inbox import inbox_file, mails
from local_aws.local_platform import LocalPlatform
from tests.infra.deployment import require_terraform
from tests.mwaa_dags.real_airflow import NEWEST, missing
from tests.retail import oracle
from tests.retail.conftest import OpenRetailWorld, open_retail_world
from tests.retail.retail_world import RetailWorld, share_key

__all__ = ["open_retail_world"]
FIRST, LAST, DIRT = date(2017, 1, 1), date(2017, 1, 2), 0.01
_ARN = "arn:aws:kms:eu-central-1:123456789012:key"
KEYS = KeyArns(
    *(f"{_ARN}/{name}" for name in ("raw", "curated", "platform", "state", "secrets", "messages")),
    subnets=(),
    group="group",
)
RETAIL = load_pipelines()["retail"]


def _named(facts: Facts, name: str) -> Job:
    return next(job for job in facts.jobs if job.name == name)


def test_right_is_taken_away_by_one_table_less_in_the_row_of_the_job() -> None:
    facts = read_facts("local")
    job = job_to_fail([job for job in facts.jobs if job.pipeline == "retail"])
    changed = without_last_table(facts, job)
    before, after = (json.dumps(job_policy(f, _named(f, job.name), KEYS)) for f in (facts, changed))
    table = job.reads[-1].partition(".")[2]
    assert table in before
    assert table not in after
    others = [(a, b) for a, b in zip(facts.jobs, changed.jobs, strict=True) if a != b]
    assert [a.name for a, _ in others] == [job.name]


def test_job_that_fails_is_the_one_soonest_out_of_retries() -> None:
    jobs = RETAIL.jobs
    chosen = job_to_fail(jobs)
    assert chosen.retry.retries == min(job.retry.retries for job in jobs if len(job.reads) > 1)
    with pytest.raises(RunError, match="RUN643 no job of the demo's pipeline reads two tables"):
        job_to_fail(jobs[:1])


def test_no_right_is_taken_away_on_aws() -> None:
    with pytest.raises(RunError, match="RUN643 the demo is for a local world; 'prod' is on AWS"):
        require_local(load_environment("prod"))


def test_makefile_runs_the_demo_that_the_readme_names() -> None:
    makefile = (project_root() / "Makefile").read_text(encoding="utf-8")
    assert "\ndemo-deployed: setup" in makefile
    assert "lakehouse demo --deployed\n" in makefile
    assert "make demo-deployed" in (project_root() / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_demo_of_the_deployed_stack_answers_on_gold_and_shows_an_alert(
    tmp_path: Path, open_retail_world: OpenRetailWorld
) -> None:
    require_terraform()
    if hint := missing(NEWEST):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(hint)
    platform = LocalPlatform.start(load_environment("local"), tmp_path, empty_account=True)
    try:
        output = _demo(platform.overlay)
        assert "GROCERY" in output, output[-3000:]
        failed = job_to_fail(RETAIL.jobs)
        to_owner = [m for m in mails(inbox_file(tmp_path / "data")) if m.to == failed.failure_notification]
        (mail,) = to_owner
        assert failed.name in mail.subject
        assert mail.text in output
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(OVERLAY, str(platform.overlay))
            world = RetailWorld(load_environment("local"), platform.overlay)
        _assert_gold(world, open_retail_world("here"))
    finally:
        platform.stop()


def _demo(overlay: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "demo", "--deployed", "--from", str(FIRST), "--to", str(LAST)],
        cwd=project_root(),
        env={**os.environ, OVERLAY: str(overlay)},
        capture_output=True,
        text=True,
        timeout=2100,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def _assert_gold(deployed: RetailWorld, here: RetailWorld) -> None:
    """The gold of Airflow's run equals that of one process, row by row, and an independent computation."""
    lines = deployed.table("gold.fact_sales").sort("order_id", "line_number")
    oracle.assert_sales(lines, FIRST, LAST)
    share_key(deployed, here)
    here.load(FIRST, LAST, dirt=DIRT)
    here.run(LAST, "--pipeline", "retail", "--here")
    gold, of_one_process = deployed.gold(), here.gold()
    different = {
        table: [row for row in rows if row not in set(of_one_process[table])][:3]
        for table, rows in gold.items()
        if rows != of_one_process[table]
    }
    assert different == {}
