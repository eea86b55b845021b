"""Secrets are found in any text, in any spelling."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

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


@given(st.binary(max_size=5), st.text(min_size=6, max_size=30).filter(str.strip), st.binary(max_size=5))
def test_base64_and_hexadecimal_of_a_secret_are_hidden_also_among_other_bytes(
    before: bytes, secret: str, after: bytes
) -> None:
    redaction._values.clear()
    register([secret])
    raw = before + secret.encode() + after
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = redact(encode(raw).decode())
        assert "***" in text
        # What is left is less than one character of the secret and its neighbours.
        assert len(text.replace("***", "").strip("=")) <= len(encode(before + after)) + 4
    assert redact(secret.encode().hex()) == redact(secret.encode().hex().upper()) == "***"


def test_a_basic_header_hides_its_password() -> None:
    register(["s3cret-password"])
    header = base64.b64encode(b"lake_user:s3cret-password").decode()
    assert redact(f"Authorization: Basic {header}").count("***") == 1
    assert header[20:] not in redact(header)


@given(st.text(min_size=6).filter(str.strip))
def test_a_secret_in_a_url_and_in_json_is_hidden(secret: str) -> None:
    redaction._values.clear()
    register([secret])
    for text in (quote(secret, safe=""), quote_plus(secret), json.dumps(secret), json.dumps({"a": secret})):
        assert "***" in redact(text)
