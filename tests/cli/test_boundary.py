"""No command shows a traceback: in an empty world, without credentials, in a broken project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from botocore.exceptions import ClientError

from cli.app import app
from cli.boundary import outcome
from glue_jobs.errors import RunError
from glue_jobs.params import UsageError
from lakehouse.reading.faults import Fault, FaultsError
from local_aws.java import JavaMissingError
from local_aws.processes import ServiceError
from tests.cli.calls import Answer, Call
from tests.project_marker import copy_project

# They start or end worlds of this machine, or build for minutes: their own tests run them.
_STARTING = frozenset(
    {"local up", "local down", "demo", "build", "dags", "deploy", "bootstrap", "cost", "pipeline test"}
)
_VALUES = {
    "run_date": "2017-01-31",
    "start": "2017-01-01",
    "end": "2017-01-02",
    "sql": "SELECT 1 AS one",
    "subject": "customer_id=1",
    "table": "gold.fact_orders",
    "reason": "a test",
    "key": "bronze.crm_accounts",
    "name": "retail",
    "kind": "batch",
    "role": "analyst",
    "source": "crm/accounts",
}
_MORE = {
    "run": ("--job", "silver_to_gold"),
    "backfill": ("--job", "crm_to_bronze", "--from", "2017-01-01", "--to", "2017-01-02", "--dry-run"),
    "quarantine replay": ("--table", "bronze.crm_accounts"),
    "quarantine discard": ("--table", "bronze.crm_accounts", "--all"),
}


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield " ".join(path), command
    for name, child in (children or {}).items():
        yield from leaves(child, (*path, name))


COMMANDS = dict(leaves(typer.main.get_command(app)))


def arguments(verb: str, env: str, folder: Path) -> list[str]:
    """The words of a command with a value for everything that it requires."""
    words = verb.split()
    for param in COMMANDS[verb].params:
        needed = param.required or param.param_type_name == "argument"
        if not needed or param.name in ("folder", "files", "out", "file"):
            continue
        value = env if param.name == "env" else _VALUES.get(param.name, "2017-01-31")
        words += [value] if param.param_type_name == "argument" else [param.opts[0], value]
    files = {"folder": folder / "new", "files": folder / "a.jsonl", "file": "a.jsonl"}
    words += [str(files[p.name]) for p in COMMANDS[verb].params if p.required and p.name in files]
    if verb == "quarantine export":
        words += ["--out", str(folder / "rows.csv")]
    return [*words, *_MORE.get(verb, ())]


def assert_said(answer: Answer, verb: str) -> None:
    text = f"{answer.out}{answer.err}"
    assert "Traceback" not in text, text
    assert "RUN638" not in text, text
    if answer.code:
        assert re.search(r"\b(LK|RUN)\d{3}\b|Usage:|faults?\b|not up|FAIL|missing", text), f"{verb}: {text}"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project, in which commands may write."""
    monkeypatch.setenv("LAKEHOUSE_OVERLAY", str(tmp_path / "nowhere.json"))
    (tmp_path / "a.jsonl").write_text("{}")
    return copy_project(tmp_path / "project")


@pytest.fixture
def without_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    from glue_jobs.aws import forget_clients

    forget_clients()


@pytest.mark.usefixtures("without_credentials")
@pytest.mark.parametrize("env", ["local", "prod"], ids=["an empty world", "no credentials"])
@pytest.mark.parametrize("verb", sorted(set(COMMANDS) - _STARTING))
def test_no_command_shows_a_traceback_where_nothing_is(
    verb: str, env: str, project: Path, lakehouse: Call, tmp_path: Path
) -> None:
    words = arguments(verb, env, tmp_path)
    if "--env" not in words and env == "prod":
        pytest.skip("the same as in the empty world")
    assert_said(lakehouse(*words, "--project", str(project)), verb)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("lakehouse.yml", "environments: ["),
        pytest.param("environments/local.yml", "{", marks=pytest.mark.slow),
        pytest.param("pipelines/retail/job.csv", '"', marks=pytest.mark.slow),
        pytest.param("schemas/bronze/crm_accounts.schema.json", "{", marks=pytest.mark.slow),
    ],
)
def test_no_command_shows_a_traceback_in_a_broken_project(
    file: str, text: str, project: Path, lakehouse: Call, tmp_path: Path
) -> None:
    (project / file).write_text(text)
    for verb in sorted(set(COMMANDS) - _STARTING):
        assert_said(lakehouse(*arguments(verb, "local", tmp_path), "--project", str(project)), verb)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (FaultsError([Fault("a.csv", 1, 1, "LK303", "x")]), 2, "a.csv:1:1: LK303 x"),
        (RunError("x", code="RUN051"), 2, "RUN051 x"),
        (RunError("x", code="RUN501"), 2, "RUN501 x"),
        (RunError("x"), 1, "RUN001 x"),
        (UsageError("x"), 2, "RUN050 x"),
        (ServiceError("x"), 1, "x"),
        (JavaMissingError("x"), 1, "x"),
        (PermissionError(13, "Permission denied", "/a"), 1, "RUN635 /a: Permission denied"),
        (
            ClientError({"Error": {"Code": "404", "Message": "<!doctype html>\n<p>x"}}, "ListThings"),
            1,
            "RUN636 AWS refused ListThings: 404: it does not know this call",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_exit_code_tells_wrong_input_from_a_failed_run(error: Exception, code: int, message: str) -> None:
    assert outcome(error) == (code, message)


def test_an_error_that_nobody_foresaw_is_one_line_that_names_the_file_of_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.boundary._folder", lambda: tmp_path)
    value = "Ann"[::1]
    try:
        int(value)
    except ValueError as error:
        code, message = outcome(error)
    (file,) = tmp_path.iterdir()
    assert (code, "\n" in message, str(file) in message) == (1, False, True)
    assert "test_boundary.py" in file.read_text()
    assert "'Ann'" not in message + file.read_text()
