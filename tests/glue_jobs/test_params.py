"""Arguments: a person's, the CLI's, and Glue's."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from glue_jobs.params import RunArgs, UsageError, parse

ROOT = Path(__file__).parents[2]


def test_arguments_of_a_person() -> None:
    line = (
        "--job silver_to_gold --env local --config c.json --run-date 2017-01-31 "
        "--param a=1 --param=b=x=y --param c="
    )
    expected = RunArgs(
        "silver_to_gold", "local", Path("c.json"), date(2017, 1, 31), {"a": "1", "b": "x=y", "c": ""}
    )
    assert parse(line.split()) == expected


def test_arguments_of_glue() -> None:
    argv = [
        "--job-language",
        "python",
        "--TempDir",
        "s3://b/tmp",
        "--enable-metrics",
        "--enable-spark-ui",
        "true",
        "--conf",
        "spark.a=1 --conf spark.b=2",
        "--JOB_NAME",
        "lakehouse-prod-silver_to_gold",
        "--JOB_RUN_ID",
        "jr_1",
        "--job",
        "silver_to_gold",
        "--env",
        "prod",
        "--run_date",
        "2017-01-31",
        "--params",
        '{"days": 30, "full": true, "name": "x"}',
        "--job-bookmark-option",
        "job-bookmark-disable",
    ]
    assert parse(argv) == RunArgs(
        "silver_to_gold", "prod", None, date(2017, 1, 31), {"days": "30", "full": "true", "name": "x"}
    )


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("--run-dat 2017-01-01", "unknown argument --run-dat; did you mean --run-date?"),
        ("--jobs j", "unknown argument --jobs; did you mean --job?"),
        ("--RUN_DATE_ 2017-01-01", "unknown argument --RUN_DATE_; did you mean --run-date?"),
        ("--PARAM a=1", "unknown argument --PARAM; did you mean --param?"),
        ("--run-date 2017-02-30", "--run-date '2017-02-30': wanted a date"),
        ("--run-date 20170102", "--run-date '20170102': wanted a date"),
        ("--run-date 2017-W01-1", "--run-date '2017-W01-1': wanted a date"),
        ("--param novalue", "--param 'novalue': wanted KEY=VALUE"),
        ("--param a=1 --param a=2", "--param a stands twice"),
        ("--params [1]", "--params: wanted a JSON object"),
        ("--config", "--config needs a value"),
        ("--job again", "--job stands twice"),
        ("--run-date 2017-01-01 2017-01-02", "'2017-01-02' belongs to no argument"),
    ],
)
def test_wrong_argument_is_explained(more: str, fault: str) -> None:
    with pytest.raises(UsageError) as error:
        parse(["--job", "j", "--env", "local", *more.split()])
    assert fault in str(error.value)
    assert str(error.value).count("\n") == 1, "one fault, one line of usage"


@pytest.mark.parametrize(
    ("more", "passed_over"),
    [
        ("--continuation-option x", ("--continuation-option",)),
        ("--enable-data-lineage true", ("--enable-data-lineage",)),
        ("--JOB_QUEUE_ARN arn:aws:glue:x", ("--JOB_QUEUE_ARN",)),
        ("--enable-metrics true true", ("true",)),
        ("--whatever", ("--whatever",)),
        ("--whatever=secret", ("--whatever",)),
    ],
)
def test_an_argument_of_a_later_glue_is_passed_over(more: str, passed_over: tuple[str, ...]) -> None:
    args = parse([*more.split(), "--job", "j", "--env", "local"])
    assert (args.job, args.env, args.passed_over) == ("j", "local", passed_over)


def test_every_fault_is_said_at_once() -> None:
    with pytest.raises(UsageError) as error:
        parse(["--env", "--run-date", "x", "--run-dates"])
    assert [line.split()[0] for line in str(error.value).removeprefix("RUN050 ").splitlines()] == [
        "unknown",
        "--env",
        "--job",
        "--run-date",
        "usage:",
    ]


def test_a_bundle_and_its_release_come_together() -> None:
    words = ["--job", "j", "--env", "prod", "--bundle", "s3://b/p.zip"]
    with pytest.raises(UsageError, match="--bundle and --release belong together"):
        parse(words)
    args = parse([*words, "--release", "s3://b/r.json"])
    assert (args.bundle, args.release) == ("s3://b/p.zip", "s3://b/r.json")


def test_start_up_imports_neither_boto3_nor_openlineage() -> None:
    state = ("lease", "watermark", "audit")
    observability = ("logs", "secrets", "metrics", "lineage", "alerts")
    modules = [
        "aws",
        "params",
        *(f"state.{m}" for m in state),
        *(f"observability.{m}" for m in observability),
    ]
    lines = ["import sys", *(f"import glue_jobs.{m}" for m in modules)]
    heavy = ("boto3", "botocore", "openlineage.client", "pyspark")
    script = "\n".join([*lines, f"print([m for m in {heavy} if m in sys.modules])"])
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "full_refresh"),
    [
        ([], False),
        (["--full-refresh"], True),
        (["--full-refresh", "true"], True),
        (["--full_refresh=false"], False),
    ],
)
def test_a_full_refresh_is_a_switch(words: list[str], full_refresh: bool) -> None:
    assert parse(["--job", "a", "--env", "local", *words]).full_refresh is full_refresh


def test_a_full_refresh_that_is_neither_on_nor_off_is_a_fault() -> None:
    with pytest.raises(UsageError, match="--full-refresh 'perhaps': wanted true or false"):
        parse(["--job", "a", "--env", "local", "--full-refresh", "perhaps"])
