"""State files appear whole, are private, and go with their platform."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from local_aws.files import platform_files, read_json, write_private


def test_a_written_file_is_private_and_reads_back(tmp_path: Path) -> None:
    write_private(tmp_path / "secrets.json", {"password": "ü"})
    assert read_json(tmp_path / "secrets.json") == {"password": "ü"}
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secrets.json"]


@pytest.mark.parametrize("content", [None, "", "{", "[1]"])
def test_a_file_without_an_object_reads_as_none(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "services.json").write_text(content)
    assert read_json(tmp_path / "services.json") is None


def test_removing_leaves_lock_and_log(tmp_path: Path) -> None:
    files = platform_files(tmp_path)
    files.log.parent.mkdir()
    for file in (files.overlay, files.services, files.secrets, files.control, files.lock, files.log):
        file.touch()
    files.remove()
    assert {file.name for file in tmp_path.rglob("*") if file.is_file()} == {"lock", "supervisor.log"}
