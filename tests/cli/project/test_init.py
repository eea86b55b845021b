"""`lakehouse init` makes a sound project, asks nothing when it is given all, and overwrites nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.project import Project
from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import error_text


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


def test_a_new_environment_costs_less_than_half_of_its_budget(lakehouse: Call, tmp_path: Path) -> None:
    folder = tmp_path / "energy"
    lakehouse("init", str(folder), "--name", "energy", "--environments", "test")
    answer = lakehouse("cost", "--env", "test", "--json", "--project", str(folder))
    assert answer.code == 0, answer.err
    month = json.loads(answer.out)
    assert month["usd"]["total"] < month["budget_usd"] / 2


@pytest.mark.parametrize(
    ("kind", "job", "reads"),
    [
        ("batch", "rooms_build", "gold.daily_usage"),
        ("metadata", "rooms", "gold.daily_usage"),
        ("python", "rooms", "gold.daily_usage"),
        ("streaming", "rooms_ingest", "rooms ⇒ bronze.rooms"),
    ],
)
def test_pipeline_of_each_kind_is_sound_in_a_fresh_project(
    kind: str, job: str, reads: str, lakehouse: Call, tmp_path: Path
) -> None:
    project = ("--project", str(tmp_path / "energy"))
    lakehouse("init", project[1], "--name", "energy", "--environments", "test")
    answer = lakehouse("pipeline", "new", "rooms", "--kind", kind, *project)
    assert (answer.code, answer.err) == (0, "")
    validated = lakehouse("validate", *project)
    assert (validated.code, validated.err) == (0, "")
    shown = lakehouse("pipeline", "show", "rooms", *project).out
    assert job in shown
    assert reads in shown
    assert "energy-team@example.com" in "".join(
        file.read_text() for file in (tmp_path / "energy" / "pipelines" / "rooms").glob("*.*")
    )


def test_second_new_pipeline_does_not_read_the_first_one(lakehouse: Call, tmp_path: Path) -> None:
    project = ("--project", str(tmp_path / "energy"))
    lakehouse("init", project[1], "--name", "energy", "--environments", "test")
    for kind in ("batch", "streaming"):
        for name in (f"a_{kind}", f"b_{kind}"):
            assert lakehouse("pipeline", "new", name, "--kind", kind, *project).code == 0
    contracts = load_schemas(tmp_path / "energy").contracts
    assert contracts["gold.b_batch"].lake.incremental_from == ["gold.daily_usage"]
    source = contracts["bronze.b_streaming"].lake.source
    assert source is not None
    assert source.object == "b_streaming"


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
        ((), "--name and --environments are missing, and there is no terminal to ask at"),
        (("--name", "Energy"), "--environments is missing, and there is no terminal to ask at; 'Energy'"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(
    options: tuple[str, ...], message: str, lakehouse: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", (tmp_path.parent / "stdin").open("w+"))
    answer = lakehouse("init", str(tmp_path / "a"), *options)
    assert answer.code == 2
    assert message in error_text(answer)
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
    assert message in error_text(answer)
    assert [p.name for p in tmp_path.iterdir()] == [file]
