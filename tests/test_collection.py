"""Every file of tests is found: pytest's own defaults would pass over a folder named `build`."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

import pytest


def test_no_folder_with_tests_is_passed_over(pytestconfig: pytest.Config) -> None:
    root = Path(__file__).parent
    patterns = pytestconfig.getini("norecursedirs")
    folders = {folder for file in root.rglob("test_*.py") for folder in file.relative_to(root).parents}
    passed_over = [folder for folder in folders if any(fnmatch(folder.name, one) for one in patterns)]
    assert len(folders) > 20
    assert passed_over == []
