"""The Lakebase's login and the meaning of its errors; connections are tested with the warehouse."""

from __future__ import annotations

import psycopg
import pytest

from glue_jobs.connections.postgres import LakebaseError, Login, from_spark_error, is_down

SECRET = {"host": "h", "port": "5432", "dbname": "d", "user": "u", "password": "canary-password"}


@pytest.mark.parametrize("field", ["host", "dbname", "user", "password"])
def test_a_secret_without_a_field_is_an_error_that_names_it(field: str) -> None:
    with pytest.raises(LakebaseError, match=f"RUN424 .*no usable {field}"):
        Login.of({name: value for name, value in SECRET.items() if name != field})


def test_a_port_must_be_a_number() -> None:
    with pytest.raises(LakebaseError, match=r"RUN424 .*no usable port"):
        Login.of({**SECRET, "port": "five"})


def test_the_password_is_an_option_of_its_own_and_never_part_of_url_or_repr() -> None:
    login = Login.of({**SECRET, "sslmode": "require"})
    options = login.jdbc()
    assert options["url"] == "jdbc:postgresql://h:5432/d"
    assert (options["password"], options["sslmode"]) == ("canary-password", "require")
    assert "canary-password" not in repr(login) + options["url"]


@pytest.mark.parametrize(
    ("error", "down"),
    [
        (psycopg.OperationalError("connection refused"), True),
        (psycopg.OperationalError("password authentication failed for user u"), False),
        (psycopg.errors.DeadlockDetected("deadlock"), True),
        (psycopg.errors.ReadOnlySqlTransaction("read-only"), True),
        (psycopg.errors.AdminShutdown("shutdown"), True),
        (psycopg.errors.NotNullViolation("null"), False),
        (ValueError("other"), False),
    ],
)
def test_only_a_server_that_is_down_is_asked_again(error: Exception, down: bool) -> None:
    assert is_down(error) is down


def test_a_lost_connection_of_sparks_writer_is_a_server_that_is_down() -> None:
    error = from_spark_error(Exception("org.postgresql.util.PSQLException: An I/O error occurred\n at x"))
    assert isinstance(error, psycopg.OperationalError)
    assert is_down(error)


def test_a_value_that_postgresql_refuses_is_named_without_the_statement() -> None:
    text = (
        "org.postgresql.util.PSQLException: Batch entry 0 INSERT INTO t VALUES ('canary') was aborted: "
        "ERROR: integer out of range  Call getNextException\norg.postgresql.util.PSQLException: "
        "ERROR: integer out of range\n"
    )
    error = from_spark_error(Exception(text))
    assert isinstance(error, LakebaseError)
    assert error.code == "RUN423"
    assert "integer out of range" in str(error)
    assert "canary" not in str(error)


def test_an_error_of_another_origin_stays_as_it_is() -> None:
    other = Exception("java.lang.OutOfMemoryError")
    assert from_spark_error(other) is other
