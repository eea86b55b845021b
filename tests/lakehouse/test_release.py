"""A release: named by its content alone, and read again as it was written."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from lakehouse.release import FILE, Release, git_commit, running_release

RELEASE = Release("e" * 64, "b" * 64, "5dbb370", "1.0.0", "2026-11-26T19:30:00+00:00")


def git(root: Path, *words: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@company.com")
    return subprocess.run(
        ["git", "-C", str(root), *identity, *words], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "lakehouse.yml").write_text("name: shop\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "one")
    return tmp_path


def test_commit_time_and_version_are_no_part_of_a_releases_name() -> None:
    assert replace(RELEASE, commit="x", platform="2", created_at="").digest == RELEASE.digest
    assert replace(RELEASE, engine="f" * 64).digest != RELEASE.digest
    assert replace(RELEASE, bundle="f" * 64).digest != RELEASE.digest


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert Release.parse(RELEASE.to_json()) == RELEASE


@pytest.mark.parametrize("text", ["[]", "{}", "no json", '{"release": "x", "engine": "e", "bundle": "b"}'])
def test_what_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Release.parse(text)


def test_a_clean_tree_is_its_commit(repository: Path) -> None:
    assert git_commit(repository) == git(repository, "rev-parse", "HEAD")


@pytest.mark.parametrize("name", ["lakehouse.yml", "new.csv"])
def test_a_changed_or_a_new_file_makes_a_commit_dirty(repository: Path, name: str) -> None:
    (repository / name).write_text("changed")
    assert git_commit(repository) == git(repository, "rev-parse", "HEAD") + "-dirty"


def test_outside_a_repository_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_commit(tmp_path) == ""


def test_without_git_there_is_no_commit(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert git_commit(repository) == ""


def test_a_working_tree_runs_no_release_but_a_commit(repository: Path) -> None:
    release = running_release(repository)
    assert (release.engine, release.bundle, release.commit) == ("", "", git_commit(repository))


def test_an_unpacked_bundle_runs_the_release_that_is_written_beside_it(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(RELEASE.to_json())
    assert running_release(tmp_path) == RELEASE
