"""A function's zip holds what it imports, followed through the rooms."""

from __future__ import annotations

import zipfile
from pathlib import Path

from infra.build.functions import function_names, function_sources
from infra.build.make import build
from lakehouse.project import project_root


def test_a_function_holds_what_it_imports_and_nothing_else(no_index: list[str], tmp_path: Path) -> None:
    names = function_names()
    assert names
    build(project_root(), tmp_path)
    for name in names:
        with zipfile.ZipFile(tmp_path / "functions" / f"{name}.zip") as archive:
            entries = archive.namelist()
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert entries == sorted(entries)
        assert f"lambdas/{name}/handler.py" in entries
        assert "lambdas/__init__.py" in entries
        assert "zeta/__init__.py" in entries
        assert not any(f"lambdas/{other}/" in path for other in names if other != name for path in entries)
        assert not any(path.startswith(("glue_jobs/", "infra/")) for path in entries)


def test_imports_are_followed_through_the_rooms_of_facts(tmp_path: Path) -> None:
    handler = "from lambdas.common import deliver\nimport lakehouse.reading.text\n"
    packages_of = ("lambdas", "lambdas/a", "lambdas/common", "lakehouse/reading")
    modules = ("lambdas/common/other.py", "lakehouse/reading/text.py", "lakehouse/reading/codes.py")
    files = dict.fromkeys([*(f"{package}/__init__.py" for package in packages_of), *modules], "")
    files |= {"lambdas/a/handler.py": handler, "lambdas/common/deliver.py": "import json\n"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert set(files) - set(function_sources("a", tmp_path)) == {
        "lambdas/common/other.py",
        "lakehouse/reading/codes.py",
    }
