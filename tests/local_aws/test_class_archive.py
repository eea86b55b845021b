"""A class archive is used where it fits, and ignored in silence where it does not."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lakehouse.project import Project
from local_aws.class_archive import archive_of, is_current, options, write_key
from local_aws.jars import MARKER, Jars
from local_aws.java import java

VERSION = ("kafka.Kafka", "--version")


def project_jars() -> Jars:
    folder = Project.find().cache / "jars"
    return Jars(folder / "spark", folder / "kafka")


def run_java(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "JAVA_TOOL_OPTIONS"}
    return subprocess.run(
        [str(java()), *arguments], capture_output=True, text=True, check=False, env=environment
    )


def noise(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Lines of standard error that are not the program's own."""
    return [line for line in done.stderr.splitlines() if not line.startswith("[main] INFO kafka.")]


@pytest.fixture
def jars(tmp_path: Path) -> Jars:
    for program in ("spark", "kafka"):
        (tmp_path / program).mkdir()
        (tmp_path / program / MARKER).write_text("one.jar 1")
    return Jars(tmp_path / "spark", tmp_path / "kafka")


def test_without_an_archive_java_gets_no_option(jars: Jars) -> None:
    assert options(jars) == {}


def test_a_file_that_is_no_archive_is_ignored_in_silence(jars: Jars) -> None:
    archive_of(jars.kafka).write_bytes(b"no archive")
    write_key(jars.kafka)
    done = run_java(*options(jars)["kafka"], "-cp", f"{project_jars().kafka}/*", *VERSION)
    assert (done.returncode, noise(done)) == (0, [])
    assert len(done.stdout.splitlines()) == 1


def test_an_archive_is_used_until_its_jars_change(jars: Jars) -> None:
    archive_of(jars.kafka).touch()
    assert options(jars) == {}
    write_key(jars.kafka)
    assert list(options(jars)) == ["kafka"]
    (jars.kafka / MARKER).write_text("one.jar 2")
    assert options(jars) == {}


def test_an_archive_that_was_cut_off_is_not_used(jars: Jars) -> None:
    archive_of(jars.kafka).write_bytes(bytes(100))
    write_key(jars.kafka)
    archive_of(jars.kafka).write_bytes(bytes(99))
    assert options(jars) == {}


def test_the_archive_of_set_up_provides_the_classes_of_the_broker(tmp_path: Path) -> None:
    jars = project_jars()
    if not is_current(jars.kafka):
        assert "CI" not in os.environ, "`make setup` makes the archives"
        pytest.skip("`make setup` has made no archive here")
    log = tmp_path / "loaded"
    log_option = f"-Xlog:class+load:file={log}"
    done = run_java(*options(jars)["kafka"], log_option, "-cp", f"{jars.kafka}/*", *VERSION)
    assert done.returncode == 0
    loaded = [line for line in log.read_text().splitlines() if "kafka.Kafka$ " in line]
    assert [line for line in loaded if "shared objects file (top)" in line] == loaded != []


def test_another_folder_of_the_same_jars_ignores_the_archive(tmp_path: Path) -> None:
    jars = project_jars()
    if not is_current(jars.kafka):
        pytest.skip("`make setup` has made no archive here")
    shutil.copytree(jars.kafka, tmp_path / "kafka")
    done = run_java(*options(jars)["kafka"], "-cp", f"{tmp_path}/kafka/*", *VERSION)
    assert (done.returncode, noise(done)) == (0, [])
