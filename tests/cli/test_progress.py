"""`--quiet` stands anywhere among the words of a command, and leaves progress out and nothing else."""

from __future__ import annotations

import pytest

from cli.progress import is_quiet, quietly, tell
from tests.cli.calls import Call


@pytest.mark.parametrize(
    ("words", "rest", "quiet"),
    [
        (["run", "--quiet", "--env", "local"], ["run", "--env", "local"], True),
        (["--quiet", "run"], ["run"], True),
        (["run", "--env", "local"], ["run", "--env", "local"], False),
        (["query", "--", "--quiet"], ["query", "--", "--quiet"], False),
    ],
)
def test_option_is_taken_out_wherever_it_stands(
    words: list[str], rest: list[str], quiet: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with quietly(words) as arguments:
        assert (arguments, is_quiet()) == (rest, quiet)
        tell("day 1 of 2")
    assert not is_quiet()
    assert capsys.readouterr().err == ("" if quiet else "day 1 of 2\n")


def test_every_command_takes_it_and_help_says_so(lakehouse: Call) -> None:
    assert lakehouse("jobs", "--quiet").code == 0
    assert "--quiet" in lakehouse("--help").out
