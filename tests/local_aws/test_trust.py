"""Java gets the certificate authorities of the machine."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from local_aws.trust import java_options


def test_a_trust_store_is_written_and_named(tmp_path: Path) -> None:
    if not ssl.create_default_context().get_ca_certs():
        pytest.skip("this machine trusts no authority")
    options = java_options(tmp_path)
    assert f"-Djavax.net.ssl.trustStore={tmp_path}/authorities.p12" in options
    assert (tmp_path / "authorities.p12").stat().st_size > 1000


def test_without_authorities_java_keeps_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    monkeypatch.setattr(ssl, "create_default_context", lambda: empty)
    assert java_options(tmp_path) == []
