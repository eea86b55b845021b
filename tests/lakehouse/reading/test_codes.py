"""Every code that a fault or a failed run can carry has a title and a page, and no title or page is left
over.
"""

from __future__ import annotations

import re

import pytest

from lakehouse.project import project_root
from lakehouse.reading.codes import TITLES

PAGES = project_root() / "docs" / "errors"
ROOMS = ("lakehouse", "infra", "cli", "glue_jobs", "mwaa_dags", "lambdas", "local_aws")
SOURCES = [
    f for room in ROOMS for f in (project_root() / room).rglob("*.py") if not f.name.endswith("codes.py")
]
TEXTS = {f: f.read_text(encoding="utf-8") for f in SOURCES}
USED = {code for text in TEXTS.values() for code in re.findall(r"\b(?:LK|RUN)\d{3}\b", text)}
FAULTS = [code for code in TITLES if code.startswith("LK")]
RUNS = [code for code in TITLES if code.startswith("RUN")]


def page(code: str) -> str:
    return (PAGES / f"{code}.md").read_text(encoding="utf-8")


def test_the_codes_that_are_used_are_those_that_have_a_title() -> None:
    assert sorted(TITLES) == sorted(USED)


def test_the_codes_that_have_a_page_are_those_that_have_a_title() -> None:
    assert sorted(f.stem for f in PAGES.glob("*.md")) == sorted(TITLES)


def test_no_two_codes_mean_the_same() -> None:
    assert len(set(TITLES.values())) == len(TITLES)


def test_no_two_kinds_of_error_share_their_code() -> None:
    documented = [
        code
        for text in TEXTS.values()
        for code in re.findall(r'^    code(?:: str)? = "(RUN\d{3})"', text, re.MULTILINE)
    ]
    assert len(documented) > 5
    assert sorted(documented) == sorted(set(documented))


@pytest.mark.parametrize("code", TITLES)
def test_a_page_begins_with_code_and_title(code: str) -> None:
    assert page(code).startswith(f"# {code}: {TITLES[code]}\n")


@pytest.mark.parametrize("code", FAULTS)
def test_the_page_of_a_fault_gives_example_and_remedy(code: str) -> None:
    assert re.search(rf"^```\n\S+?(:\d+)?(:\d+)?: {code} .+; wanted .+\n```$", page(code), re.MULTILINE)
    assert "**To mend it:**" in page(code)


@pytest.mark.parametrize("code", RUNS)
def test_the_page_of_a_failed_run_gives_example_and_what_to_do_at_night_step_by_step(code: str) -> None:
    assert re.search(rf"^```\n{code} (?:.+\n)+```$", page(code), re.MULTILINE)
    steps = page(code).partition("**At night:**")[2]
    numbers = [int(n) for n in re.findall(r"^(\d+)\. \S", steps, re.MULTILINE)]
    assert len(numbers) >= 2
    assert numbers == list(range(1, len(numbers) + 1))
