"""Secrets: read once, hidden from then on, named when they are missing."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from glue_jobs.aws import clients
from glue_jobs.observability import redact as redaction
from glue_jobs.observability.redact import redact, register
from glue_jobs.observability.secrets import SecretError, Secrets
from lakehouse.environments import Environment, names

VALUE = {"user": "etl-user", "password": "canary-123", "host": "db.example", "port": 5432, "schema": "gold"}


@pytest.fixture(autouse=True)
def nothing_registered() -> Iterator[None]:
    yield
    redaction._values.clear()
    register([])


def create(env: Environment, name: str, text: str) -> None:
    clients(env).secretsmanager.create_secret(Name=names.secret(env, name), SecretString=text)


def test_secret_is_read_once_and_hidden(aws_env: Environment) -> None:
    create(aws_env, "redshift", json.dumps(VALUE))
    secrets = Secrets(aws_env)
    assert secrets.get("redshift") == {**VALUE, "port": "5432"}
    clients(aws_env).secretsmanager.delete_secret(
        SecretId=names.secret(aws_env, "redshift"), ForceDeleteWithoutRecovery=True
    )
    assert secrets.get("redshift")["password"] == "canary-123"
    assert redact("etl-user canary-123 at db.example:5432/gold") == "etl-user *** at db.example:5432/gold"
    assert redact(json.dumps(VALUE)) == "***"
    assert "canary" not in repr(secrets) + str(secrets)
    assert "redshift" in repr(secrets)


def test_missing_secret_is_named(aws_env: Environment) -> None:
    with pytest.raises(
        SecretError,
        match=f"RUN010 there is no secret '{names.secret(aws_env, 'nope')}'.*LAKEHOUSE_SECRET_NOPE",
    ):
        Secrets(aws_env).get("nope")


def test_a_secret_that_the_stack_made_empty_is_not_said_to_be_missing(aws_env: Environment) -> None:
    clients(aws_env).secretsmanager.create_secret(Name=names.secret(aws_env, "empty"))
    with pytest.raises(SecretError, match=rf"RUN010 secret '{names.secret(aws_env, 'empty')}' .* is empty"):
        Secrets(aws_env).get("empty")


def test_variable_stands_in_for_a_missing_secret_where_that_is_allowed(
    aws_env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEHOUSE_SECRET_PII_KEY", '{"key": "canary-456"}')
    assert Secrets(aws_env).get("pii_key") == {"key": "canary-456"}
    assert redact("canary-456") == "***"
    strict = aws_env.model_copy(update={"local_secrets": False})
    with pytest.raises(SecretError) as error:
        Secrets(strict).get("pii_key")
    assert "LAKEHOUSE_SECRET" not in str(error.value)


def test_secret_manager_goes_before_the_variable(
    aws_env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(aws_env, "kafka", '{"key": "from-aws"}')
    monkeypatch.setenv("LAKEHOUSE_SECRET_KAFKA", '{"key": "from-variable"}')
    assert Secrets(aws_env).get("kafka") == {"key": "from-aws"}


@pytest.mark.parametrize(
    "text", ["canary-789", '["canary-789"]', '{"a": {"b": "canary-789"}}', '{"a": null}', '{"a": "canary-789']
)
def test_malformed_secret_is_named_and_not_shown(
    aws_env: Environment, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("LAKEHOUSE_SECRET_BROKEN", text)
    with pytest.raises(SecretError, match=r"RUN011 .*broken' is not a JSON object of plain values") as error:
        Secrets(aws_env).get("broken")
    assert "canary" not in str(error.value)
    assert "canary" not in redact("".join(traceback.format_exception(error.value)))


def test_secret_that_may_not_be_read_says_so(lossy: Any) -> None:
    rule = {"service": "secretsmanager", "error": {"code": "AccessDeniedException", "status": 400}}
    lossy.proxy.engine.set_rules([rule])
    with pytest.raises(SecretError, match=r"RUN012 .*AccessDeniedException"):
        Secrets(lossy.env).get("snowflake")
