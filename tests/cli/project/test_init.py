"""`lakehouse init` makes a sound project, asks nothing when it is given all, and overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.project import Project
from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import said


def test_project_is_sound_and_has_the_environments_that_were_named(lakehouse: Call, tmp_path: Path) -> None:
    folder = tmp_path / "energy"
    answer = lakehouse("init", str(folder), "--name", "energy", "--environments", "test, prod-eu")
    assert (answer.code, answer.err) == (0, "")
    assert "made: energy" in answer.out
    settings = Project(folder).settings
    assert (settings.name, settings.environments) == ("energy", ["local", "test", "prod-eu"])
    assert sorted(p.stem for p in (folder / "environments").iterdir()) == [
        "base",
        "local",
        "prices",
        "prod-eu",
        "test",
    ]
    validated = lakehouse("validate", "--project", str(folder))
    assert (validated.code, validated.err) == (0, "")


def test_project_says_which_platform_it_requires_in_both_files(lakehouse: Call, tmp_path: Path) -> None:
    lakehouse("init", str(tmp_path / "a"), "--name", "energy", "--environments", "test")
    assert Project(tmp_path / "a").settings.requires == "lakehouse-platform>=1.0,<2"
    assert '"lakehouse-platform[local,infra]>=1.0,<2"' in (tmp_path / "a" / "pyproject.toml").read_text()


def test_platform_outside_the_required_range_is_refused(lakehouse: Call, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    lakehouse("init", str(folder), "--name", "energy", "--environments", "test")
    marker = folder / "lakehouse.yml"
    marker.write_text(marker.read_text().replace(">=1.0,<2", ">=7.0"))
    answer = lakehouse("validate", "--project", str(folder))
    assert answer.code == 2
    assert "LK011 requires lakehouse-platform>=7.0, and this is lakehouse-platform 1." in answer.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--name", "Energy", "--environments", "test"), "'Energy' is no name of a project"),
        (("--name", "energy", "--environments", "te_st"), "'te_st' is no name of an environment"),
        (("--name", "energy", "--environments", "local"), "'local' is made anyway"),
        (("--name", "energy", "--environments", "test,test"), "each once"),
        (("--environments", "test"), "--name is missing, and there is no terminal to ask at"),
        (("--name", "energy"), "--environments is missing"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(
    options: tuple[str, ...], message: str, lakehouse: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", (tmp_path.parent / "stdin").open("w+"))
    answer = lakehouse("init", str(tmp_path / "a"), *options)
    assert answer.code == 2
    assert message in said(answer)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("file", "message"), [("lakehouse.yml", "holds a project already"), ("x", "is not empty")]
)
def test_folder_that_holds_anything_is_left_alone(
    file: str, message: str, lakehouse: Call, tmp_path: Path
) -> None:
    (tmp_path / file).write_text("")
    answer = lakehouse("init", str(tmp_path), "--name", "energy", "--environments", "test")
    assert answer.code == 2
    assert message in said(answer)
    assert [p.name for p in tmp_path.iterdir()] == [file]
