"""A work folder has one supervisor."""

from __future__ import annotations

from pathlib import Path

from local_aws.supervisor import take_lock


def test_a_work_folder_is_locked_once(tmp_path: Path) -> None:
    lock = take_lock(tmp_path)
    assert lock is not None
    assert take_lock(tmp_path) is None
    lock.close()
    assert take_lock(tmp_path) is not None
