"""The commands explain themselves and refuse what they do not know.

Their exit code says whose fault an error is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from cli.app import app
from cli.boundary import EXIT_CODES
from tests.cli.calls import Call

COMMAND: Any = typer.main.get_command(app)


def verbs(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from verbs(child, (*path, name))


VERBS = dict(verbs(COMMAND))
# Group → its commands; those of no group come first.
PROMISED = {
    "": "init validate run query jobs dags runs stats backfill demo onboard "
    "build bootstrap cost doctor deploy forget",
    "access": "show page",
    "alerts": "list resend discard subscriptions",
    "contracts": "derive expand shorten",
    "dq": "export check results",
    "dr": "check drill export list restore restore-state backups fill readers "
    "replicate restore-lakebase stop verify",
    "landing": "put list",
    "local": "up down inbox rights status",
    "pii": "rotate",
    "pipeline": "list new test update show validate detect",
    "quarantine": "list show export replay discard",
    "sample": "load",
    "scd2": "rewind",
    "schemas": "export",
    "table": "history diff restore",
    "watermark": "list show reset",
}


def test_the_verbs_are_those_that_the_platform_promises() -> None:
    leaves = {" ".join(path) for path, command in VERBS.items() if not hasattr(command, "commands")}
    assert leaves == {f"{group} {name}".strip() for group, of in PROMISED.items() for name in of.split()}


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
