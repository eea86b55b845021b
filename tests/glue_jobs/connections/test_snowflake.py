"""Which of Snowflake's errors are worth a retry, and the ways to log in."""

from __future__ import annotations

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from snowflake.connector.auth import AuthByKeyPair
from snowflake.connector.errors import DatabaseError, OperationalError, ProgrammingError

from glue_jobs.connections.snowflake import is_down, login_arguments
from glue_jobs.connections.tls import LoginError


@pytest.mark.parametrize(
    ("error", "down"),
    [
        (OperationalError("no answer"), True),
        (ConnectionError("refused"), True),
        (TimeoutError(), True),
        (DatabaseError("Incorrect username or password"), False),
        (ProgrammingError("SQL compilation error"), False),
    ],
)
def test_only_a_server_that_does_not_answer_is_down(error: Exception, down: bool) -> None:
    assert is_down(error) is down


@pytest.mark.parametrize("passphrase", [None, "open sesame"])
@pytest.mark.parametrize("line_break", ["\n", "\\n"])
def test_a_private_key_logs_in_without_a_password(passphrase: str | None, line_break: str) -> None:
    """The connector's own key-pair authenticator takes what we hand to it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    locked = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked).decode()
    secret = {"user": "u", "account": "a", "password": "old", "private_key": pem.replace("\n", line_break)}
    if passphrase:
        secret["private_key_passphrase"] = passphrase
    login = login_arguments(secret, None)
    assert "password" not in login
    assert login["authenticator"] == "SNOWFLAKE_JWT"
    token = AuthByKeyPair(private_key=login["private_key"]).prepare(account="a", user="u")
    claims = jwt.decode(token, key.public_key(), algorithms=["RS256"])
    assert claims["sub"] == "A.U"


def test_a_private_key_that_is_none_is_told_without_it() -> None:
    with pytest.raises(LoginError, match="RUN531 'private_key'") as fault:
        login_arguments({"user": "u", "account": "a", "private_key": "canary-key"}, None)
    assert "canary" not in str(fault.value)


def test_a_token_is_a_programmatic_one_unless_the_secret_says_otherwise() -> None:
    secret = {"user": "u", "account": "a", "token": "t"}
    assert login_arguments(secret, None)["authenticator"] == "PROGRAMMATIC_ACCESS_TOKEN"
    assert login_arguments({**secret, "authenticator": "oauth"}, None)["authenticator"] == "oauth"


def test_a_secret_without_any_login_is_told() -> None:
    with pytest.raises(LoginError, match="none of 'private_key', 'token' and 'password'"):
        login_arguments({"user": "u", "account": "a"}, None)
