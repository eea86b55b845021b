"""TLS to PostgreSQL and Redshift: whose certificate a server must show, in the words of each driver.

A login verifies the server unless its secret says otherwise: `sslmode` is `verify-full` without a word.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from glue_jobs.errors import RunError

MODES = ("verify-full", "verify-ca", "require", "prefer", "disable")
_VERIFIED = MODES[:2]
_ROOTS_OF_RDS = Path(__file__).parent / "authorities" / "rds.pem"
_OF_RDS = re.compile(r"\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.rds\.amazonaws\.com$")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
# Java's own list of authorities, and one authority that a text holds: executors have no file of ours.
_JAVAS_AUTHORITIES = "org.postgresql.ssl.DefaultJavaSSLFactory"
_ONE_AUTHORITY = "org.postgresql.ssl.SingleCertValidatingFactory"


class LoginError(RunError):
    """The login of a secret cannot be used: its private key is none, or its `sslmode` does not exist."""

    code = "RUN531"


def mode_of(secret: Mapping[str, str]) -> str:
    """The `sslmode` of a secret; `verify-full` where it has none. Raises LoginError."""
    mode = secret.get("sslmode") or MODES[0]
    if mode not in MODES:
        raise LoginError(f"sslmode '{mode}' of the secret does not exist; wanted one of {', '.join(MODES)}")
    return mode


def libpq(secret: Mapping[str, str]) -> dict[str, str]:
    """Arguments of psycopg. Raises LoginError."""
    settings = _settings(secret)
    if not _needs_authority(settings):
        return settings
    authority = _authority(secret)
    if authority is None:
        # psycopg's wheel brings an OpenSSL that does not know where this machine keeps its authorities.
        import certifi

        return {**settings, "sslrootcert": certifi.where()}
    return {**settings, "sslrootcert": _file(authority)}


def jdbc(secret: Mapping[str, str]) -> dict[str, str]:
    """Options of PostgreSQL's JDBC driver, which executors use too. Raises LoginError."""
    settings = _settings(secret)
    if not _needs_authority(settings):
        return settings
    authority = _authority(secret)
    if authority is None:
        return {**settings, "sslfactory": _JAVAS_AUTHORITIES}
    return {**settings, "sslfactory": _ONE_AUTHORITY, "sslfactoryarg": authority}


def _settings(secret: Mapping[str, str]) -> dict[str, str]:
    """What the secret says itself, in words that libpq and JDBC share."""
    mode = mode_of(secret)
    return {"sslmode": mode, **({"sslrootcert": secret["sslrootcert"]} if secret.get("sslrootcert") else {})}


def _needs_authority(settings: Mapping[str, str]) -> bool:
    return settings["sslmode"] in _VERIFIED and "sslrootcert" not in settings


def redshift_driver(secret: Mapping[str, str]) -> dict[str, str | bool]:
    """Arguments of redshift_connector, which brings Redshift's authorities. Raises LoginError."""
    mode = mode_of(secret)
    if mode == "disable":
        return {"ssl": False}
    if mode not in _VERIFIED:
        # The driver takes any other mode for no encryption, after it has asked the server for it.
        raise LoginError(
            f"sslmode '{mode}' of Redshift's secret: its driver knows verify-full, verify-ca and disable"
        )
    if secret.get("ca_certificate"):
        raise LoginError("Redshift's driver takes no 'ca_certificate': it trusts Amazon's authorities alone")
    return {"ssl": True, "sslmode": mode}


def _authority(secret: Mapping[str, str]) -> str | None:
    """The one authority that the server's certificate must come from, as PEM; None is any public one."""
    if secret.get("ca_certificate"):
        # A form that takes one line has the line breaks of a PEM text as two characters.
        certificate = _CERTIFICATE.search(secret["ca_certificate"].replace("\\n", "\n"))
        if certificate is None:
            raise LoginError("'ca_certificate' of the secret is no certificate in PEM")
        return f"{certificate[0]}\n"
    of_rds = _OF_RDS.search(secret.get("host", ""))
    return _root_of_rds(of_rds["region"]) if of_rds else None


@cache
def _root_of_rds(region: str) -> str:
    """The root of RDS in a region. Raises LoginError for a region that this release does not know."""
    for part in _ROOTS_OF_RDS.read_text(encoding="ascii").split("# ")[1:]:
        title, _, certificate = part.partition("\n")
        if region in title.split():
            return certificate
    raise LoginError(
        f"the authority of RDS in {region} is unknown; put it into 'ca_certificate' of the secret, from "
        f"https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem"
    )


@cache
def _file(certificate: str) -> str:
    """A file of this process that holds an authority: libpq takes no text."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem", encoding="ascii", delete=False) as file:
        file.write(certificate)
    return file.name
