"""`lakehouse sample load` and `lakehouse demo` take their data and their question from the project."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project_marker import mark

LOADER = """
from dataclasses import dataclass, field
SETS = {"meters": "readings of meters", "weather": "the weather"}

@dataclass(frozen=True)
class Summary:
    rows: dict
    dirt: list = field(default_factory=list)

def load_sample(env, start, end, dirt=0.0, seed=7, sets=("meters",)):
    if start > end:
        raise ValueError("the days are in the wrong order")
    return Summary({name: (end - start).days + seed for name in sets})
"""
CALL = """
from datetime import date
from pathlib import Path
from cli.local.project_sample import load_project_sample
from lakehouse.project import Project
print(load_project_sample(Project(Path('.')), None, (date(2020, 1, 1), date(2020, 1, 3)), 0.0).rows)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return mark(tmp_path / "meters", ("local",))


def call(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LAKEHOUSE_OVERLAY": str(project / "nowhere.json"), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, *words], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def test_project_without_sample_data_is_told_where_it_belongs(project: Path) -> None:
    days = ("--env", "local", "--from", "2020-01-01", "--to", "2020-01-02")
    answer = call(project, "-m", "cli", "sample", "load", *days)
    assert answer.returncode == 2
    assert "this project has no sample data: it has no sample_data/__init__.py" in answer.stderr


def test_project_without_a_demo_has_none(project: Path) -> None:
    answer = call(project, "-m", "cli", "demo")
    assert answer.returncode == 2
    assert "this project has no demo: lakehouse.yml has no key `demo`" in answer.stderr


def test_package_without_the_interface_is_refused(project: Path) -> None:
    (project / "sample_data").mkdir()
    (project / "sample_data" / "__init__.py").write_text("SETS = {}\n")
    days = ("--env", "local", "--from", "2020-01-01", "--to", "2020-01-02")
    answer = call(project, "-m", "cli", "sample", "load", *days)
    assert answer.returncode == 2
    assert "sample_data/__init__.py does not define load_sample" in answer.stderr


def test_first_set_of_the_project_in_the_working_folder_is_loaded(project: Path) -> None:
    (project / "sample_data").mkdir()
    (project / "sample_data" / "__init__.py").write_text(LOADER)
    answer = call(project, "-c", CALL)
    assert answer.stdout.strip() == "{'meters': 9}", answer.stderr
