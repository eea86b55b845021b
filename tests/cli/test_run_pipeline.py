"""`run_pipeline`, the entrypoint that Glue calls: arguments are checked before Spark starts."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from glue_jobs.run import main as run_main
from lakehouse.pipelines import load_pipelines
from lakehouse.project import project_root


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--env local", "RUN050 --job is missing"),
        ("--job silver_to_gold", "RUN050 --env is missing"),
        ("--job silver_to_golf --env local", "unknown job 'silver_to_golf'; did you mean 'silver_to_gold'?"),
        ("--job silver_to_gold --env prd", "LK110 unknown environment 'prd'"),
        ("--job silver_to_gold --env local --run-date yesterday", "--run-date 'yesterday': wanted a date"),
        ("--job silver_to_gold --env local --config /no/such/file.yml", "LK001"),
    ],
)
def test_wrong_arguments_of_a_run_end_with_2_before_spark_starts(
    arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(arguments.split()) == 2
    assert message in capsys.readouterr().err


def test_a_run_is_started_as_a_module_and_ends_with_its_exit_code() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "glue_jobs.run"],
        cwd=project_root(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "RUN050 --job is missing\n--env is missing\nusage: run --job NAME --env ENV"
    )


@pytest.mark.usefixtures("no_world")
def test_arguments_as_glue_passes_them_are_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    glue = (
        "--JOB_NAME lakehouse-local-silver_to_gold --JOB_RUN_ID jr_1 --TempDir s3://x/tmp "
        "--enable-metrics --job-language python"
    )
    assert (
        run_main(
            [
                *glue.split(),
                "--job",
                "silver_to_gold",
                "--env",
                "local",
                "--run_date",
                date(2017, 1, 31).isoformat(),
            ]
        )
        == 1
    )
    # As far as it comes without a world: every argument was understood.
    assert capsys.readouterr().err.startswith("RUN061")


def test_a_job_does_not_run_where_its_row_does_not_name_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    pipelines = load_pipelines()
    elsewhere = replace(
        pipelines["retail"], jobs=tuple(replace(j, environments=("prod",)) for j in pipelines["retail"].jobs)
    )
    monkeypatch.setattr("lakehouse.pipelines.load_pipelines", lambda: {"retail": elsewhere})
    assert run_main(["--job", "silver_to_gold", "--env", "dev"]) == 2
    assert "does not run in dev, only in prod" in capsys.readouterr().err
