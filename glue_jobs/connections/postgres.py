"""Connects to the Lakebase, for this process and for Spark, and translates its errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from glue_jobs.connections import tls
from glue_jobs.connections.retry import RetryPolicy, with_retries
from glue_jobs.error_text import without_values
from glue_jobs.errors import RunError

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")

# The driver is imported where it is used: its import is slow, and most runs do not need it.

CONNECT_SECONDS = 10
_APPLICATION = "lakehouse"
# A failover of Aurora takes up to a minute, and a stream that fails must be started again.
RETRY_POLICY = RetryPolicy(tries=10, first_wait=0.2, max_wait=15.0, max_total=120.0)
# A connection whose server is silent is dead after a minute.
_KEEPALIVE: dict[str, Any] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_REQUIRED = ("host", "port", "dbname", "user", "password")
_REFUSED = re.compile(
    r"authentication failed|no pg_hba.conf entry|role .* (does not exist|is not permitted)"
    r"|database .* does not exist|permission denied|does not support SSL|certificate|sslmode"
)
# SQLSTATEs worth a retry. 08 and 57P: the connection ended or was not opened. Then: too many sessions,
# deadlock, serialization failure, lock timeout; 25006: after a failover, the former writer that now only
# reads.
_RETRYABLE = re.compile(r"08...|57P..|53300|40P01|40001|55P03|25006")
# Messages of PostgreSQL's JDBC driver when the server goes away: its error codes do not reach Python.
_DISCONNECTED = re.compile(
    r"terminating connection|I/O error occurred|refused\. Check that|connection attempt failed"
    r"|the database system is|connection has been closed"
    r"|java\.(io\.EOF|net\.\w+)Exception"
)
_DRIVER = "org.postgresql"
_SERVER_MESSAGE = re.compile(r"(?:PSQLException|was aborted): ((?:ERROR|FATAL): [^\n]*)")


class LakebaseError(RunError):
    """The Lakebase is down (RUN420), differs from its contract (RUN421), refuses the user (RUN422) or a value
    (RUN423), or its secret lacks a field (RUN424).
    """

    code = "RUN420"


@dataclass(frozen=True)
class Login:
    """How to connect to the Lakebase. The repr does not show the password.

    `tls`: options of psycopg; `jdbc_tls`: the same of PostgreSQL's JDBC driver.
    """

    host: str
    port: int
    dbname: str
    user: str
    password: str = field(repr=False)
    tls: Mapping[str, str]
    jdbc_tls: Mapping[str, str]

    @classmethod
    def of(cls, secret: Mapping[str, str]) -> Login:
        """The login of a secret. Raises LakebaseError (RUN424) that names the fields it lacks, and LoginError
        (RUN531) for a `sslmode` or certificate that is none.
        """
        lacking = [name for name in _REQUIRED if not secret.get(name)]
        if lacking or not secret["port"].isdigit():
            raise LakebaseError(
                f"the secret of the Lakebase has no usable {', '.join(lacking) or 'port'}", code="RUN424"
            )
        address = secret["host"], int(secret["port"]), secret["dbname"]
        return cls(*address, secret["user"], secret["password"], tls.libpq(secret), tls.jdbc(secret))

    @property
    def label(self) -> str:
        """How errors name the server."""
        return f"the Lakebase at {self.host}:{self.port}"

    def jdbc(self) -> dict[str, str]:
        """Options of Spark's JDBC writer. The password is one that Spark redacts, never part of the URL."""
        return {
            "url": f"jdbc:postgresql://{self.host}:{self.port}/{self.dbname}",
            "driver": "org.postgresql.Driver",
            "user": self.user,
            "password": self.password,
            "connectTimeout": str(CONNECT_SECONDS),
            "tcpKeepAlive": "true",
            "ApplicationName": _APPLICATION,
            # Neither the statement of a failed batch nor the row that the server names reach a log.
            "logServerErrorDetail": "false",
            **self.jdbc_tls,
        }

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection[Any]]:
        """An autocommit connection in UTC. Raises psycopg's own errors."""
        import psycopg

        encryption: dict[str, Any] = dict(self.tls)
        server: dict[str, Any] = {
            "host": self.host,
            "port": self.port,
            "dbname": self.dbname,
            "user": self.user,
            "password": self.password,
        }
        settings: dict[str, Any] = {
            "application_name": _APPLICATION,
            "options": "-c timezone=UTC",
            "connect_timeout": CONNECT_SECONDS,
        }
        connection = psycopg.connect(**server, **settings, **_KEEPALIVE, **encryption, autocommit=True)
        with connection:
            yield connection

    def with_retries(self, call: Callable[[], T]) -> T:
        """Returns what `call` returns and repeats it while the server is down.

        Raises LakebaseError, without row values.
        """
        import psycopg

        try:
            return with_retries(
                self.label, call, is_down=is_down, error=LakebaseError, code="RUN420", policy=RETRY_POLICY
            )
        except psycopg.Error as error:
            raise _as_lakebase_error(error, self.label) from None


def is_down(reason: Exception) -> bool:
    """Whether the server does not answer, or asks for a retry; a refused login is an answer."""
    import psycopg

    if not isinstance(reason, psycopg.Error):
        return False
    if reason.sqlstate is None:
        return isinstance(reason, psycopg.OperationalError) and not _REFUSED.search(str(reason))
    return _RETRYABLE.fullmatch(reason.sqlstate) is not None


def from_spark_error(error: Exception) -> Exception:
    """The error behind an error of Spark's JDBC writer, without the statement, which holds rows.

    Returns psycopg's OperationalError when the server went away, LakebaseError (RUN423) for a value that
    PostgreSQL refuses, and any other error unchanged.
    """
    import psycopg

    text = str(error)
    if _DRIVER not in text:
        return error
    messages = _SERVER_MESSAGE.findall(text)
    disconnected = _DISCONNECTED.search(text)
    if disconnected:
        return psycopg.OperationalError(without_values(messages[-1]) if messages else disconnected[0])
    if not messages:
        return error
    message = without_values(messages[-1])
    return LakebaseError(
        f"PostgreSQL cannot hold a row: {message}; nothing of the batch was written", code="RUN423"
    )


def _as_lakebase_error(error: psycopg.Error, server: str) -> LakebaseError:
    """psycopg's error without the row that its message quotes."""
    import psycopg

    message = without_values(error.diag.message_primary or str(error).partition("\n")[0])
    if isinstance(error, psycopg.errors.InsufficientPrivilege) or error.sqlstate is None:
        return LakebaseError(f"{server} refuses: {message}", code="RUN422")
    return LakebaseError(
        f"{server} cannot hold a row: {message}; nothing of the batch was written", code="RUN423"
    )
