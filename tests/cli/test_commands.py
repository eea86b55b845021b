"""The commands explain themselves and refuse what they do not know.

Their exit code says whose fault an error is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import typer

from cli.app import app
from cli.common import exit_code_of
from glue_jobs.errors import RunError
from glue_jobs.observability.redact import register
from glue_jobs.params import UsageError
from glue_jobs.run import main as run_main
from lakehouse.contracts import load_schemas
from lakehouse.pipelines import load_pipelines
from lakehouse.project import project_root
from lakehouse.reading.faults import Fault, FaultsError
from local_aws.java import JavaMissingError
from local_aws.processes import ServiceError
from tests.cli.calls import Call

COMMAND: Any = typer.main.get_command(app)


def verbs(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from verbs(child, (*path, name))


VERBS = dict(verbs(COMMAND))


def test_the_verbs_are_those_that_the_platform_promises() -> None:
    leaves = {" ".join(path) for path, command in VERBS.items() if not hasattr(command, "commands")}
    assert leaves == {
        "init",
        "validate",
        "run",
        "query",
        "jobs",
        "dags",
        "runs",
        "demo",
        "quarantine list",
        "local up",
        "local down",
        "local status",
        "sample load",
        "schemas export",
        "dq export",
        "dq check",
        "build",
        "bootstrap",
        "deploy",
        "dr check",
        "access show",
        "access page",
        "pipeline new",
        "pipeline test",
        "pipeline update",
        "pipeline show",
        "pipeline validate",
        "pipeline detect",
    }


@pytest.mark.parametrize("path", VERBS, ids=lambda p: " ".join(p) or "lakehouse")
def test_help_reads_like_documentation(path: tuple[str, ...], lakehouse: Call) -> None:
    answer = lakehouse(*path, "--help")
    assert (answer.code, answer.err) == (0, "")
    command = VERBS[path]
    assert command.help
    assert command.help.strip().splitlines()[0].endswith((".", "?"))
    for param in command.params:
        if param.name in ("help", "install_completion", "show_completion"):
            continue
        assert param.help, f"{' '.join(path)}: {param.name} says nothing"
        assert param.help.strip().endswith((".", "?")), param.help
        assert (
            param.opts[-1] if param.param_type_name == "option" else param.name.upper()
        ).lower() in answer.out.lower()


@pytest.mark.parametrize("path", VERBS, ids=lambda p: " ".join(p) or "lakehouse")
def test_no_environment_is_assumed(path: tuple[str, ...]) -> None:
    for param in VERBS[path].params:
        # Who may see what is the same everywhere; an environment only adds its names.
        if "--env" in param.opts and path != ("access", "show"):
            assert param.required


WORLDLY = [
    ["run", "--pipeline", "retail", "--run-date", "2017-01-31"],
    ["query", "SELECT 1"],
    ["runs"],
    ["quarantine", "list"],
    ["sample", "load", "--from", "2017-01-01", "--to", "2017-01-02"],
]


@pytest.mark.parametrize("arguments", WORLDLY, ids=lambda a: a[0])
def test_without_an_environment_nothing_is_touched(arguments: list[str], lakehouse: Call) -> None:
    answer = lakehouse(*arguments)
    assert answer.code == 2
    assert "Missing option '--env'" in answer.err


@pytest.mark.parametrize("arguments", WORLDLY, ids=lambda a: a[0])
def test_an_unknown_environment_is_refused_with_the_nearest_and_all_others(
    arguments: list[str], lakehouse: Call
) -> None:
    answer = lakehouse(*arguments, "--env", "prd")
    assert answer.code == 2
    assert (
        answer.err
        == "environments: LK110 unknown environment 'prd'; wanted one of local, dev, staging, prod; "
        "did you mean 'prod'?\n"
    )


@pytest.mark.usefixtures("no_world")
@pytest.mark.parametrize("arguments", WORLDLY, ids=lambda a: a[0])
def test_a_world_that_is_not_up_is_said_and_no_real_aws_is_asked(
    arguments: list[str], lakehouse: Call
) -> None:
    answer = lakehouse(*arguments, "--env", "local")
    assert (answer.code, answer.out) == (1, "")
    assert (
        answer.err
        == "RUN061 the local platform of environment 'local' is not up; start it with `lakehouse local up`\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pipeline", "retail", "--job", "silver_to_gold"], "name either --pipeline or --job"),
        ([], "name either --pipeline or --job"),
        (["--pipeline", "retial"], "unknown pipeline 'retial'; did you mean 'retail'?"),
        (["--job", "silver_to_golf"], "unknown job 'silver_to_golf'; did you mean 'silver_to_gold'?"),
        (["--job", "zzz"], "unknown job 'zzz'; there are"),
        (["--job", "silver_to_gold", "--run-date", "31.01.2017"], "does not match the format"),
    ],
)
def test_a_run_of_nothing_known_is_refused(arguments: list[str], message: str, lakehouse: Call) -> None:
    answer = lakehouse("run", "--env", "local", "--run-date", "2017-01-31", *arguments)
    assert answer.code == 2
    assert message in " ".join(answer.err.replace("│", " ").split())


def test_jobs_are_listed_for_people(lakehouse: Call) -> None:
    answer = lakehouse("jobs")
    assert answer.code == 0
    for job in load_pipelines()["retail"].jobs:
        assert job.name in answer.out


def test_jobs_are_listed_for_machines(lakehouse: Call) -> None:
    rows = json.loads(lakehouse("jobs", "--json").out)
    assert [r["job"] for r in rows] == [j.name for p in load_pipelines().values() for j in p.jobs]
    assert rows[0].keys() == {
        "pipeline",
        "job",
        "schedule",
        "after",
        "reads",
        "writes",
        "environments",
        "owner",
    }


def test_jobs_of_an_unknown_pipeline_are_refused(lakehouse: Call) -> None:
    answer = lakehouse("jobs", "--pipeline", "retial")
    assert answer.code == 2
    assert "did you mean 'retail'?" in answer.err


def test_a_suite_is_exported_as_json(lakehouse: Call) -> None:
    answer = lakehouse("dq", "export", "silver.orders")
    suite = json.loads(answer.out)
    assert answer.code == 0
    assert len(suite["expectations"]) >= len(load_schemas().suites["silver.orders"].expectations) - 2
    assert all(e["type"].startswith(("expect_", "unexpected_rows_")) for e in suite["expectations"])


@pytest.mark.parametrize(
    ("table", "hint"), [("silver.order", "did you mean 'silver.orders'?"), ("zzz", "there are bronze.")]
)
def test_a_suite_of_an_unknown_table_is_refused(table: str, hint: str, lakehouse: Call) -> None:
    answer = lakehouse("dq", "export", table)
    assert answer.code == 2
    assert hint in " ".join(answer.err.replace("│", " ").split())


def test_completion_offers_verbs_environments_and_jobs() -> None:
    def complete(line: str, at: int) -> list[str]:
        env = {
            **os.environ,
            "_LAKEHOUSE_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(at),
        }
        script = "import sys; sys.argv = ['lakehouse']; from cli.app import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=project_root(),
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()

    assert {"validate", "run", "quarantine"} <= set(complete("lakehouse ", 1))
    assert complete("lakehouse runs --env ", 3) == ["local", "dev", "staging", "prod"]
    assert complete("lakehouse run --job silver_", 3) == ["silver_transform", "silver_to_gold"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FaultsError([Fault("a.csv", 1, 1, "LK303", "x")]), 2),
        (UsageError("x"), 2),
        (RunError("x"), 1),
        (ServiceError("x"), 1),
        (JavaMissingError("x"), 1),
        (ValueError("x"), None),
    ],
    ids=lambda v: type(v).__name__,
)
def test_the_exit_code_tells_wrong_input_from_a_failed_run(error: Exception, code: int | None) -> None:
    assert exit_code_of(error) == code


def test_no_secret_leaves_by_an_error(lakehouse: Call) -> None:
    register(["canary-7f3a-secret"])
    answer = lakehouse("runs", "--env", "canary-7f3a-secret")
    assert answer.code == 2
    assert "canary" not in answer.err
    assert "***" in answer.err


@pytest.mark.parametrize("verb", [["validate"], ["jobs"], ["--help"]], ids=lambda v: v[0])
def test_commands_that_touch_no_world_load_neither_spark_nor_boto3(verb: list[str]) -> None:
    script = (
        f"import sys; sys.argv = ['lakehouse', *{verb}]\n"
        "from cli.app import main\ntry:\n    main()\nexcept SystemExit: pass\n"
    )
    script += "print([m for m in ('pyspark', 'boto3', 'pandas', 'duckdb') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project_root(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


# -- the entrypoint that Glue calls


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
