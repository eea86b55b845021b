"""Opens the Lakebase, for this process and for Spark, and tells what its errors mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from glue_jobs.connections.retry import Patience, patiently
from glue_jobs.errors import RunError, first_line

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")

CONNECT_SECONDS = 10
_APPLICATION = "lakehouse"
# A failover of Aurora takes up to a minute, and a stream that ends has to be started again.
PATIENCE = Patience(tries=10, first=0.2, longest=15.0, total=120.0)
# Of what is under way when the other side is gone without a word: after a minute it is taken for dead.
_KEEPALIVE: dict[str, Any] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_TLS = ("sslmode", "sslrootcert")
_NEEDED = ("host", "port", "dbname", "user", "password")
_REFUSED = re.compile(
    r"authentication failed|no pg_hba.conf entry|role .* (does not exist|is not permitted)|database .* does not exist|permission denied"
    r"|does not support SSL|certificate|sslmode"
)
# Without a code the connection broke. Classes 08 and 57P: it is ended, or not begun. Too many sessions, deadlock, serialization, lock timeout;
# and, after a failover, the writer of before, which only reads now.
_AGAIN = re.compile(r"08...|57P..|53300|40P01|40001|55P03|25006")
# What PostgreSQL's JDBC driver says when the server goes away. Java has no codes for it that come through to Python.
_GONE = re.compile(
    r"terminating connection|I/O error occurred|refused\. Check that|connection attempt failed|the database system is|connection has been closed"
    r"|java\.(io\.EOF|net\.\w+)Exception"
)
_DRIVER = "org.postgresql"
_SAID = re.compile(r"(?:PSQLException|was aborted): ((?:ERROR|FATAL): [^\n]*)")


class LakebaseError(RunError):
    """The Lakebase is down (RUN420), holds another shape of table (RUN421), may not be written (RUN422), cannot hold a value (RUN423), or its
    secret lacks a field (RUN424)."""

    code = "RUN420"


@dataclass(frozen=True)
class Login:
    """How the Lakebase is reached; the password shows in neither its text nor its repr."""

    host: str
    port: int
    dbname: str
    user: str
    password: str = field(repr=False)
    tls: Mapping[str, str]

    @classmethod
    def of(cls, secret: Mapping[str, str]) -> Login:
        """Raises LakebaseError (RUN424) that names what the secret lacks."""
        lacking = [name for name in _NEEDED if not secret.get(name)]
        if lacking or not secret["port"].isdigit():
            raise LakebaseError(
                f"the secret of the Lakebase has no usable {', '.join(lacking) or 'port'}", code="RUN424"
            )
        tls = {name: secret[name] for name in _TLS if secret.get(name)}
        return cls(
            secret["host"], int(secret["port"]), secret["dbname"], secret["user"], secret["password"], tls
        )

    @property
    def where(self) -> str:
        return f"the Lakebase at {self.host}:{self.port}"

    def jdbc(self) -> dict[str, str]:
        """Options of Spark's JDBC writer. The password is one that Spark redacts, never part of the URL."""
        return {
            "url": f"jdbc:postgresql://{self.host}:{self.port}/{self.dbname}", "driver": "org.postgresql.Driver", "user": self.user,
            "password": self.password, "connectTimeout": str(CONNECT_SECONDS), "tcpKeepAlive": "true", "ApplicationName": _APPLICATION, **self.tls,
        }  # fmt: skip

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection in UTC without a transaction of its own. Raises what psycopg raises."""
        import psycopg

        tls: dict[str, Any] = dict(self.tls)
        place: dict[str, Any] = {
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
        connection = psycopg.connect(**place, **settings, **_KEEPALIVE, **tls, autocommit=True)
        with connection:
            yield connection

    def patiently(self, call: Callable[[], T]) -> T:
        """The call's answer; it is made again, from its beginning, while the server is down. Raises LakebaseError, without a value of any row."""
        import psycopg

        try:
            return patiently(
                self.where, call, is_down=is_down, error=LakebaseError, code="RUN420", patience=PATIENCE
            )
        except psycopg.Error as error:
            raise _told(error, self.where) from None


def is_down(reason: Exception) -> bool:
    import psycopg

    if not isinstance(reason, psycopg.Error):
        return False
    if reason.sqlstate is None:
        return isinstance(reason, psycopg.OperationalError) and not _REFUSED.search(str(reason))
    return _AGAIN.fullmatch(reason.sqlstate) is not None


def by_spark(error: Exception) -> Exception:
    """What PostgreSQL's driver said to Spark, without the statement, for that holds rows. An error of another origin stays as it is."""
    import psycopg

    text = str(error)
    if _DRIVER not in text:
        return error
    said = _SAID.findall(text)
    gone = _GONE.search(text)
    if gone:
        return psycopg.OperationalError(said[-1] if said else gone[0])
    return (
        LakebaseError(
            f"PostgreSQL cannot hold a row: {said[-1]}; nothing of the batch was written", code="RUN423"
        )
        if said
        else error
    )


def _told(error: psycopg.Error, where: str) -> LakebaseError:
    """As psycopg tells it the error would quote the row."""
    import psycopg

    said = error.diag.message_primary or first_line(error)
    if isinstance(error, psycopg.errors.InsufficientPrivilege) or error.sqlstate is None:
        return LakebaseError(f"{where} refuses: {said}", code="RUN422")
    return LakebaseError(
        f"{where} cannot hold a row: {said}; nothing of the batch was written", code="RUN423"
    )
