"""Which authority each driver is told to trust, and that psycopg refuses a server which it does not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyspark.sql import SparkSession

from glue_jobs.connections import tls
from glue_jobs.connections.postgres import Login
from glue_jobs.connections.tls import LoginError

AURORA = {"host": "lakebase.cluster-abc.eu-central-1.rds.amazonaws.com"}
ELSEWHERE = {"host": "db.company.internal"}
LOGIN = {"dbname": "d", "user": "u", "password": "p"}


def test_a_server_is_verified_without_a_word() -> None:
    assert tls.libpq(ELSEWHERE) == {"sslmode": "verify-full", "sslrootcert": certifi.where()}
    assert tls.jdbc(ELSEWHERE)["sslmode"] == "verify-full"
    assert tls.redshift_driver(ELSEWHERE) == {"ssl": True, "sslmode": "verify-full"}


def test_aurora_must_show_a_certificate_of_its_regions_authority() -> None:
    """Executors have no file of ours: the JDBC driver gets the certificate as text."""
    options = tls.jdbc(AURORA)
    (text,) = [options["sslfactoryarg"]]
    authority = x509.load_pem_x509_certificate(text.encode())
    assert "Amazon RDS eu-central-1 Root CA RSA2048 G1" in authority.subject.rfc4514_string()
    authority.verify_directly_issued_by(authority)
    assert Path(tls.libpq(AURORA)["sslrootcert"]).read_text() == text


def test_a_region_without_an_authority_names_the_field_that_helps() -> None:
    with pytest.raises(LoginError, match=r"RUN531 .*ca_certificate"):
        tls.jdbc({"host": "x.cluster-abc.xx-nowhere-9.rds.amazonaws.com"})


@pytest.mark.parametrize("driver", [tls.libpq, tls.jdbc, tls.redshift_driver])
def test_an_unknown_sslmode_is_refused(driver: object) -> None:
    assert callable(driver)
    with pytest.raises(LoginError, match="RUN531 sslmode 'verify' "):
        driver({**ELSEWHERE, "sslmode": "verify"})


def test_redshifts_driver_is_never_given_a_mode_that_it_takes_for_none() -> None:
    with pytest.raises(LoginError, match="RUN531 sslmode 'require'"):
        tls.redshift_driver({**ELSEWHERE, "sslmode": "require"})
    assert tls.redshift_driver({**ELSEWHERE, "sslmode": "disable"}) == {"ssl": False}


def test_a_certificate_that_is_none_is_refused() -> None:
    with pytest.raises(LoginError, match="RUN531 'ca_certificate'"):
        tls.libpq({**ELSEWHERE, "ca_certificate": "not a certificate"})


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = tmp_path_factory.mktemp("authority") / "server.pem"
    file.write_bytes(key.private_bytes(*form) + certificate.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def port(authority: Path) -> Iterator[int]:
    """A server that takes PostgreSQL's request for TLS, shows the certificate, and then hangs up."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(8)
                        connection.sendall(b"S")
                        try:
                            context.wrap_socket(connection, server_side=True).recv(1024)
                        except OSError:
                            continue
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def test_psycopg_refuses_a_server_of_an_unknown_authority(port: int) -> None:
    login = Login.of({**LOGIN, "host": "localhost", "port": str(port)})
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"), login.session():
        pass


def test_psycopg_takes_a_server_of_the_authority_in_the_secret(port: int, authority: Path) -> None:
    """Behind the handshake the server hangs up: that is another error than a refused certificate."""
    secret = {**LOGIN, "host": "localhost", "port": str(port), "ca_certificate": authority.read_text()}
    with (
        pytest.raises(psycopg.OperationalError, match=r"unexpected eof|closed the connection"),
        Login.of(secret).session(),
    ):
        pass


def test_psycopg_refuses_a_certificate_of_another_host(port: int, authority: Path) -> None:
    secret = {**LOGIN, "host": "127.0.0.1", "port": str(port), "ca_certificate": authority.read_text()}
    with pytest.raises(psycopg.OperationalError, match=r"does not match host name|doesn't match"):
        Login.of(secret).session().__enter__()


def test_sparks_driver_takes_a_server_of_the_authority_in_the_secret_alone(
    spark: SparkSession, port: int, authority: Path
) -> None:
    secret = {**LOGIN, "host": "localhost", "port": str(port), "ca_certificate": authority.read_text()}
    assert "PKIX path building failed" in _jdbc_error(spark, {**secret, "ca_certificate": ""})
    assert "hostname 127.0.0.1 could not be verified" in _jdbc_error(spark, {**secret, "host": "127.0.0.1"})
    error = _jdbc_error(spark, secret)
    assert "PKIX" not in error
    assert "The connection attempt failed" in error, "the server hangs up behind the handshake"


def _jdbc_error(spark: SparkSession, secret: dict[str, str]) -> str:
    with pytest.raises(Exception, match="PSQLException") as fault:
        spark.read.format("jdbc").options(**Login.of(secret).jdbc(), query="SELECT 1 x").load()
    return str(fault.value)
