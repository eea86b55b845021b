"""Secrets in texts of others are hidden."""

from __future__ import annotations

import pytest

from lambdas.common.redact_patterns import first_line, redact


@pytest.mark.parametrize(
    "leak",
    [
        "jdbc:postgresql://app:S3cr3tValue@db/x",
        "password=S3cr3tValue",
        '{"password": "S3cr3tValue"}',
        "PWD='S3cr3tValue';",
        "api_key: S3cr3tValue,",
        "Authorization: Bearer S3cr3tValue",
        "xoxb-1234-S3cr3tValue",
        "https://b.s3.amazonaws.com/k?X-Amz-Signature=S3cr3tValue&x=1",
        "SNOWFLAKE_TOKEN=S3cr3tValue",
        "aws_secret_access_key = S3cr3tValue",
        "eyJhbGciOiJI.S3cr3tValue.x",
    ],
)
def test_a_secret_is_hidden(leak: str) -> None:
    assert "S3cr3tValue" not in redact(f"could not connect: {leak} and more")


def test_other_text_stays() -> None:
    text = "RUN301 rule failed: 5 of 1,000 rows of silver.orders; see secret 'lakehouse/prod/snowflake'"
    assert redact(text) == text


def test_the_first_line_is_the_first_one_that_is_not_blank() -> None:
    assert first_line("\n  \n Boom\tx\nmore") == "Boom x"
    assert first_line("x" * 999).endswith("…")
    assert first_line("") == ""
