"""Secrets are found in any text, in any spelling."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glue_jobs.observability import redact as redaction
from glue_jobs.observability.redact import redact, redact_tree, register


@pytest.fixture(autouse=True)
def nothing_registered() -> Iterator[None]:
    yield
    redaction._values.clear()
    register([])


def test_short_secret_is_hidden_where_it_stands_alone() -> None:
    register(["ab1"])
    assert redact("password=ab1; cab1n ab1") == "password=***; cab1n ***"


def test_longer_secret_is_hidden_whole_when_it_holds_another() -> None:
    register(["secret", "secret-and-more"])
    assert redact("secret-and-more secret") == "*** ***"


def test_numeric_secret_is_hidden_as_a_number_too() -> None:
    register(["12345678"])
    assert redact_tree({"pin": 12345678, "rows": 5, "ok": True, "none": None}) == {
        "pin": "***",
        "rows": 5,
        "ok": True,
        "none": None,
    }


@given(
    st.text(min_size=6).filter(lambda s: s.strip() and "*" not in s and not s.isspace()), st.text(), st.text()
)
def test_no_text_around_it_uncovers_a_secret(secret: str, before: str, after: str) -> None:
    redaction._values.clear()
    register([secret])
    assert secret not in redact(before + secret + after)
