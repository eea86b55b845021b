"""An archive has the same bytes for the same content."""

from __future__ import annotations

import os
from pathlib import Path

from infra.build.archive import sha256_of, write_zip


def test_an_archive_does_not_depend_on_the_order_or_the_age_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    write_zip(tmp_path / "one.zip", {"b": b"2", "a": tmp_path / "a"})
    os.utime(tmp_path / "a", (1, 1))
    (tmp_path / "a").chmod(0o600)
    write_zip(tmp_path / "two.zip", {"a": b"1", "b": b"2"})
    assert sha256_of(tmp_path / "one.zip") == sha256_of(tmp_path / "two.zip")
