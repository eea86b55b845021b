"""The Spark entry point says what it will run, and runs nothing without an answer."""

from __future__ import annotations

import pytest

from glue_jobs.backfill_range import main

DAYS = ["--env", "local", "--from", "2017-01-30", "--to", "2017-01-31"]


def test_a_dry_run_lists_the_runs_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    jobs = ["--job", "bronze_to_silver", "--job", "crm_to_bronze"]
    assert main([*DAYS, *jobs, "--id", "b-0001", "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 of 4: crm_to_bronze 2017-01-30 2017-01-30..2017-01-31@b-0001",
        "2 of 4: bronze_to_silver 2017-01-30",
        "3 of 4: crm_to_bronze 2017-01-31 2017-01-30..2017-01-31@b-0001",
        "4 of 4: bronze_to_silver 2017-01-31",
        "nothing was done",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--job", "crm_to_bronz"], "did you mean 'crm_to_bronze'?"),
        (["--job", "crm_to_bronze"], "nobody can be asked here: give --yes"),
        (["--job", "crm_to_bronze", "--id", "B 1"], "wanted 4 to 40 lower-case letters"),
        ([], "name at least one job or pipeline"),
    ],
)
def test_a_request_that_cannot_be_run_is_said(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*DAYS, *arguments]) == 2
    assert message in capsys.readouterr().err
