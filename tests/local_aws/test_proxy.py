"""A program that gets the proxy's variables reaches the embedded AWS under AWS's own host names."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lakehouse.environments import load_environment
from lakehouse.environments.reader import OVERLAY
from local_aws.local_platform import LocalPlatform
from local_aws.proxy import authority, client_environment

SCRIPT = """
import boto3
names = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "eu-central-1"}
sts = boto3.client("sts", **names)
print(sts.meta.endpoint_url, sts.get_caller_identity()["Account"])
boto3.client("s3", **names).create_bucket(
    Bucket="by-proxy", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
print([b["Name"] for b in boto3.client("s3", **names).list_buckets()["Buckets"]])
"""


def test_variables_name_the_proxy_for_every_host_and_a_certificate_that_exists() -> None:
    variables = client_environment(8443)
    assert {variables[name] for name in ("HTTPS_PROXY", "http_proxy")} == {"http://127.0.0.1:8443"}
    assert (variables["NO_PROXY"], variables["AWS_CA_BUNDLE"]) == ("", str(authority()))
    assert authority().is_file()


def test_program_behind_the_proxy_uses_the_embedded_account(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = LocalPlatform.start(
        load_environment("local"), tmp_path_factory.mktemp("aws"), only=("aws",), empty_account=True
    )
    monkeypatch.setenv(OVERLAY, str(platform.overlay))
    port = load_environment("local").aws.proxy_port
    assert port is not None
    try:
        foreign = [_status(port, {"Host": "evil.example"}), _status(port, {"Host": f"127.0.0.1:{port}"})]
        of_aws = {"Host": "sts.eu-central-1.amazonaws.com", "Origin": "https://evil.example"}
        foreign.append(_status(port, of_aws))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**inherited, **client_environment(port)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        platform.stop()
    assert done.returncode == 0, done.stderr
    assert foreign == [403, 403, 403], "a page of another site reads nothing"
    assert done.stdout.splitlines() == [
        "https://sts.eu-central-1.amazonaws.com 123456789012",
        "['by-proxy']",
    ]


def _status(port: int, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/?Action=GetCallerIdentity", headers=headers)
    return connection.getresponse().status
