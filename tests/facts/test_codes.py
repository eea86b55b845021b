"""Every code that a fault can carry has a title and a page, and no title or page is left over."""

from __future__ import annotations

import re

import pytest

from facts.check import tree_root
from facts.codes import TITLES

PAGES = tree_root() / "docs" / "errors"
ROOMS = ("facts", "environments", "schemas", "pipelines", "lakeformation", "cli", "glue_jobs")
SOURCES = [f for room in ROOMS for f in (tree_root() / room).rglob("*.py") if f.name != "codes.py"]
USED = {code for f in SOURCES for code in re.findall(r"\bLK\d{3}\b", f.read_text(encoding="utf-8"))}


def test_the_codes_that_are_used_are_those_that_have_a_title() -> None:
    assert sorted(TITLES) == sorted(USED)


def test_the_codes_that_have_a_page_are_those_that_have_a_title() -> None:
    assert sorted(f.stem for f in PAGES.glob("*.md")) == sorted(TITLES)


@pytest.mark.parametrize("code", TITLES)
def test_a_page_gives_title_example_and_remedy(code: str) -> None:
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}: {TITLES[code]}\n")
    assert re.search(rf"^```\n\S+?(:\d+)?(:\d+)?: {code} .+; wanted .+\n```$", page, re.MULTILINE)
    assert "**To mend it:**" in page
