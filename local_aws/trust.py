"""Gives a Java the certificates that this machine trusts."""

from __future__ import annotations

import ssl
import warnings
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

# The certificates in the store are public.
_PASSWORD = "changeit"


def java_options(folder: Path) -> list[str]:
    """JVM options that name a trust store, written into `folder`, of the machine's own authorities.

    A Java from a wheel knows only the public ones, and fails behind a company's proxy.
    """
    authorities = ssl.create_default_context().get_ca_certs(binary_form=True)
    entries = [pkcs12.PKCS12Certificate(certificate, None) for certificate in _readable(authorities)]
    if not entries:
        return []
    store = folder / "authorities.p12"
    store.write_bytes(pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(_PASSWORD.encode())))
    return [
        f"-Djavax.net.ssl.trustStore={store}",
        "-Djavax.net.ssl.trustStoreType=PKCS12",
        f"-Djavax.net.ssl.trustStorePassword={_PASSWORD}",
    ]


def _readable(authorities: list[bytes]) -> list[x509.Certificate]:
    """The certificates that parse: some old ones are malformed, and no connection needs them."""
    certificates: list[x509.Certificate] = []
    warnings.simplefilter("ignore")
    for der in authorities:
        try:
            certificates.append(x509.load_der_x509_certificate(der))
        except ValueError:
            continue
    return certificates
