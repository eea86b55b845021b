"""Where `lakehouse run` executes."""

from __future__ import annotations

import pytest

from cli.run.where import runs_here
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, load_environment
from lakehouse.pipelines import load_pipelines
from tests.cli.calls import Call
from tests.cli.deploy.conftest import no_keys

__all__ = ["no_keys"]

JOBS = load_pipelines()["retail"].jobs


def test_job_runs_in_this_process_in_a_local_world_without_a_deployed_stack(local_env: Environment) -> None:
    assert runs_here(local_env, JOBS, here=False)
    assert runs_here(local_env, JOBS, here=True)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_rows_of_a_real_environment_never_come_to_this_machine(name: str) -> None:
    with pytest.raises(RunError, match=f"RUN520 --here would bring rows of environment '{name}'"):
        runs_here(load_environment(name), JOBS, here=True)


def test_run_here_against_prod_ends_with_its_code(lakehouse: Call) -> None:
    answer = lakehouse(
        "run", "--env", "prod", "--job", "silver_to_gold", "--run-date", "2017-01-31", "--here"
    )
    assert answer.code == 1
    assert answer.err.startswith("RUN520")


@pytest.mark.usefixtures("no_keys")
def test_run_against_prod_without_credentials_is_one_clear_line(lakehouse: Call) -> None:
    job = ("--job", "silver_to_gold", "--run-date", "2017-01-31")
    answer = lakehouse("run", "--env", "prod", *job)
    (line,) = answer.err.splitlines()
    assert line.startswith("RUN501 no usable AWS credentials")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--param", "days"), "--param 'days': wanted KEY=VALUE"),
        (("--param", "days=1", "--param", "days=2"), "--param days is given twice"),
    ],
)
def test_broken_parameter_is_a_wrong_argument(lakehouse: Call, words: tuple[str, ...], message: str) -> None:
    job = ("--job", "silver_to_gold", "--run-date", "2017-01-31")
    answer = lakehouse("run", "--env", "local", *job, *words)
    assert answer.code == 2
    assert message in answer.err
