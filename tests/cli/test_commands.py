"""The commands explain themselves and refuse what they do not know.

Their exit code says whose fault an error is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from cli.app import app
from cli.boundary import EXIT_CODES
from lakehouse.contracts import load_schemas
from lakehouse.pipelines import load_pipelines
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
        "stats",
        "backfill",
        "demo",
        "alerts list",
        "alerts resend",
        "alerts discard",
        "alerts subscriptions",
        "quarantine list",
        "quarantine show",
        "table history",
        "table diff",
        "table restore",
        "watermark list",
        "watermark show",
        "watermark reset",
        "quarantine export",
        "quarantine replay",
        "quarantine discard",
        "contracts derive",
        "contracts expand",
        "contracts shorten",
        "landing put",
        "onboard",
        "landing list",
        "local up",
        "local down",
        "local inbox",
        "local rights",
        "local status",
        "sample load",
        "schemas export",
        "dq export",
        "dq check",
        "dq results",
        "build",
        "bootstrap",
        "cost",
        "doctor",
        "deploy",
        "dr check",
        "dr drill",
        "dr export",
        "dr list",
        "dr restore",
        "dr restore-state",
        "dr backups",
        "dr fill",
        "dr readers",
        "dr replicate",
        "dr restore-lakebase",
        "dr stop",
        "dr verify",
        "scd2 rewind",
        "access show",
        "access page",
        "pii rotate",
        "forget",
        "pipeline list",
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


def test_help_of_every_command_says_its_exit_codes() -> None:
    leaves = {" ".join(path): command for path, command in VERBS.items() if not hasattr(command, "commands")}
    assert [name for name, command in leaves.items() if EXIT_CODES not in (command.epilog or "")] == []


def test_paragraphs_of_help_fill_the_terminal() -> None:
    """A paragraph is one line of its help, unless its lines are indented."""
    for path, command in VERBS.items():
        broken = [p for p in (command.help or "").split("\n\n") if "\n" in p.strip() and "\n " not in p]
        assert broken == [], path


@pytest.mark.parametrize("path", VERBS, ids=lambda p: " ".join(p) or "lakehouse")
def test_no_environment_is_assumed(path: tuple[str, ...]) -> None:
    for param in VERBS[path].params:
        # Who may see what is the same everywhere; an environment only adds its names. Files have none.
        if "--env" in param.opts and path not in (("access", "show"), ("onboard",)):
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
        (["--job", "silver_to_gold", "--run-date", "31.01.2017"], "is no day; wanted YYYY-MM-DD"),
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
