"""The guide to the three files knows every column, type, value and call that the readers know."""

from __future__ import annotations

import re

import pytest

from lakehouse.pipelines import cells
from lakehouse.pipelines.params import TYPES, Param, check_param
from lakehouse.project import Project, project_root

NAMES = tuple(Project.find().settings.environments)

GUIDE = (project_root() / "docs" / "guides" / "pipelines.md").read_text(encoding="utf-8")
SECTIONS = {
    name: GUIDE.split(f"\n## {name}:")[1].split("\n## ")[0]
    for name in ("job.csv", "proc.csv", "proc_param.csv")
}
COLUMNS = {"job.csv": cells.JOB, "proc.csv": cells.PROC, "proc_param.csv": cells.PARAM}


@pytest.mark.parametrize("file", COLUMNS)
def test_every_column_is_explained_and_no_other(file: str) -> None:
    table = SECTIONS[file].split("**")[0]
    named = [
        n for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for n in re.findall(r"`(\w+)`", row)
    ]
    assert sorted(named) == sorted(COLUMNS[file])


def test_every_value_of_a_closed_column_is_listed() -> None:
    for value in (
        *NAMES,
        *TYPES,
        "batch",
        "streaming",
        "ADF",
        "Airflow",
        "continuous",
        "Yes",
        "No",
        "reads",
        "writes",
    ):
        assert f"`{value}`" in GUIDE


def test_every_call_of_the_guide_is_one_and_of_its_type() -> None:
    rows = re.findall(r"^\| (`\{\{.+?) \| (date|string) \|", SECTIONS["proc_param.csv"], re.MULTILINE)
    calls = [(call, kind) for row, kind in rows for call in re.findall(r"`([^`]+)`", row)]
    assert len(calls) == 7
    for call, kind in calls:
        check_param(Param("p", call, kind, "secret" in call))


@pytest.mark.parametrize("text", ["3 retries, backoff 5m", "1 retry"])
def test_the_retry_policies_of_the_guide_are_read(text: str) -> None:
    assert f"`{text}`" in GUIDE
    assert cells.retry(text).retries
