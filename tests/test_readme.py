"""The front door is true.

Every command in README.md exists, the cheap ones run, and its example is a sound pipeline.
"""

from __future__ import annotations

import inspect
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.app import app
from cli.deploy.cdktf import app as cdktf
from glue_jobs.params import parse
from glue_jobs.user_code import function_of, load_module
from lakehouse.pipelines import load_pipelines
from lakehouse.project import project_root
from tests.cli.calls import Call
from tests.project_marker import copy_project
from tests.readme_example import FILES, FUNCTION, README, add_example

ROOT = project_root()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines() if line.strip()]
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
CHEAP = (
    "lakehouse validate",
    "lakehouse jobs",
    "lakehouse dags",
    "lakehouse schemas export",
    "lakehouse dq export",
    "lakehouse access show",
    "lakehouse pipeline show",
    "lakehouse pipeline validate",
    "lakehouse pipeline detect",
)
# Folders that commands make, and git ignores.
MADE = ("cdktf.out", "dist")
# What takes a world, or minutes → the test or step that runs it.
ELSEWHERE = {
    "make demo": ".ci/run: make demo",
    "make demo-deployed": "tests/cli/run/test_demo_deployed.py: the command that it runs, at night",
    "make test": ".ci/run: make test",
    "make check": ".ci/run: make check",
    "make dags-list": "tests/mwaa_dags/test_dag_factory.py: the line that it runs",
    "make bench": "benchmarks/__main__.py: by hand, for it wants a quiet machine",
    "make clean": "Makefile: rm -rf of what git ignores",
    "lakehouse local up": "tests/local_aws/test_local_platform.py: LocalPlatform.start",
    "lakehouse local status": "tests/local_aws/test_local_platform.py: status",
    "lakehouse local down": "tests/local_aws/test_local_platform.py: down",
    "lakehouse sample load": "tests/sample_data/test_load.py: load_sample",
    "lakehouse run": "tests/retail/retail_world.py: `lakehouse run` as a process",
    "lakehouse pipeline new": "tests/cli/run/test_waves.py: as a process",
    "lakehouse pipeline update": "tests/cli/pipeline/test_update.py: each way that it can end",
    "lakehouse cost": "tests/cli/cost/test_cost_command.py: the line as it stands",
    "lakehouse runs": "tests/retail/test_month.py: the line as it stands",
    "lakehouse quarantine list": "tests/retail/test_month.py: the line as it stands",
    "lakehouse query --env local --lakebase": "tests/loyalty/test_traffic.py: the line as it stands",
    "lakehouse query": "tests/retail/test_month.py: the line as it stands",
    "lakehouse dq check": "tests/retail/test_month.py: the line as it stands",
    "lakehouse bootstrap": "tests/infra/test_apply.py: the state of the stack that it applies",
    "lakehouse doctor": "tests/cli/deploy/test_doctor.py: every check, in an account of moto",
    "lakehouse deploy": "tests/infra/test_apply.py: the whole stack, by Terraform, on the embedded AWS",
    "cdktf": "tests/cli/deploy/test_cdktf.py: each verb, and tests/infra/test_apply.py",
    "run_pipeline": "tests/cli/test_run_pipeline.py: glue_jobs.run, as far as it comes without a platform",
}


# In running text a command may be named alone, and holds words in capitals for what the reader knows.
NAMED = sorted(
    {
        (str(file.relative_to(ROOT)), line)
        for file in (ROOT / "docs").rglob("*.md")
        for line in re.findall(
            r"`((?:lakehouse|run_pipeline|make) [^`…]+)`", file.read_text(encoding="utf-8")
        )
    }
)


def test_there_are_commands_to_check() -> None:
    assert len(LINES) > 20
    assert {line.split()[0] for line in LINES} == {"make", "lakehouse", "run_pipeline", "cdktf"}


@pytest.mark.parametrize("line", LINES)
def test_a_command_of_the_front_door_exists_with_all_its_options(line: str) -> None:
    program, *arguments = shlex.split(line)
    if program == "make":
        assert {word for word in arguments if "=" not in word} <= set(TARGETS)
    elif program == "run_pipeline":
        assert parse(arguments).job in [j.name for j in load_pipelines()["retail"].jobs]
    else:
        understood(arguments, program)


@pytest.mark.parametrize(("file", "line"), NAMED, ids=[f"{file}-{i}" for i, (file, _) in enumerate(NAMED)])
def test_a_command_that_a_page_tells_to_use_exists(file: str, line: str) -> None:
    program, *arguments = shlex.split(re.sub(r"[\[\]]", "", line).replace("DAY", "2017-01-31"))
    verbs: Any = typer.main.get_command(app)
    if program == "make":
        assert set(arguments) <= set(TARGETS)
    elif program == "run_pipeline":
        assert parse([*arguments, *([] if "--job" in arguments else ["--job", "j", "--env", "e"])])
    elif any(word.startswith(("-", "'")) or " " in word or "." in word for word in arguments):
        understood(arguments)
    else:
        for verb in arguments:
            # What follows a command is an argument of it.
            if hasattr(verbs, "commands"):
                verbs = verbs.commands[verb]


def understood(arguments: list[str], program: str = "lakehouse") -> None:
    """Parses as the command itself would, without running it.

    An unknown verb or option, or a wrong value, raises.
    """
    command: Any = typer.main.get_command(app if program == "lakehouse" else cdktf)
    context = command.make_context(program, list(arguments), resilient_parsing=False)
    while hasattr(command, "commands"):
        _, command, arguments = command.resolve_command(context, context._protected_args + context.args)
        context = command.make_context(command.name, list(arguments), parent=context)


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith(CHEAP)])
def test_a_cheap_command_does_what_it_says(line: str, lakehouse: Call) -> None:
    answer = lakehouse(*shlex.split(line)[1:])
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.strip()


def test_every_other_command_is_run_by_a_test_or_step_that_is_there() -> None:
    others = [line for line in LINES if not line.startswith(CHEAP)]
    for line in others:
        assert any(line.startswith(command) for command in ELSEWHERE), line
    for command, where in ELSEWHERE.items():
        assert any(line.startswith(command) for line in others), f"{command} is not in README.md any more"
        assert (ROOT / where.split(":")[0]).exists(), where
        if ": make" in where:
            assert where.split(": ")[1] in (ROOT / where.split(":")[0]).read_text(encoding="utf-8")


def test_every_link_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_house_shows_every_room_that_there_is() -> None:
    rooms = {
        p.name
        for p in ROOT.iterdir()
        if p.is_dir() and not p.name.startswith((".", "_")) and p.name not in MADE
    }
    inside = {p.name for p in (ROOT / "glue_jobs").iterdir() if p.is_dir() and not p.name.startswith("_")}
    assert [room for room in sorted(rooms | inside) if f"  {room}/ " not in README] == []


@pytest.fixture
def with_example(tmp_path: Path) -> Path:
    """A copy of this project with the files of the README's example."""
    return add_example(copy_project(tmp_path))


def test_the_example_of_a_new_pipeline_is_sound(lakehouse: Call, with_example: Path) -> None:
    answer = lakehouse("validate", "--project", str(with_example))
    assert (answer.code, answer.err) == (0, "")
    job = load_pipelines(with_example)["stores"].job("store_sales")
    assert (job.type, job.reads, job.writes) == ("transform", ("silver.orders",), ("gold.store_sales",))


def test_the_example_needs_no_line_of_the_platform() -> None:
    code = FILES[FUNCTION]
    assert "glue_jobs" not in code
    assert "JOB" not in code


def test_the_function_of_the_example_is_loaded_and_reads_the_tables_of_its_facts(with_example: Path) -> None:
    function = function_of(load_module(with_example, FUNCTION), "gold.store_sales")
    assert list(inspect.signature(function).parameters) == ["silver_orders"]
