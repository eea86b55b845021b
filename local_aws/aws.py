"""The embedded AWS: moto behind a fast server, a process of its own."""

from __future__ import annotations

import http.client
import signal
import sys
from pathlib import Path

from local_aws.glue.host import GlueFolders
from local_aws.processes import Service, spawn

ACCESS_KEY = SECRET_KEY = "testing"  # moto accepts any key
# Larger objects are temporary files of the work folder, so gigabytes of Delta files cost disk, not memory.
_IN_MEMORY_BYTES = 1_000_000


def endpoint(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def start(workdir: Path, port: int, proxy_port: int, glue: GlueFolders) -> Service:
    """Start the embedded AWS, whose Glue executes runs in `glue`."""
    spool = workdir / "data" / "s3"
    spool.mkdir(parents=True, exist_ok=True)
    log = workdir / "logs" / "aws.log"
    env = {
        "TMPDIR": str(spool),
        "MOTO_S3_DEFAULT_KEY_BUFFER_SIZE": str(_IN_MEMORY_BYTES),
        "MOTO_DISABLE_GLOBAL_CORS": "1",
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    }
    process = spawn(
        [sys.executable, "-m", "local_aws.moto_app", str(port), str(proxy_port), str(activity_file(workdir))],
        log,
        stdin=glue.model_dump_json(),
        env=env,
    )
    # It ends the runs of Glue before itself.
    return Service("aws", port, process, log, lambda: _answers(port), signal.SIGTERM)


def activity_file(workdir: Path) -> Path:
    """The file whose modification time is that of the last request."""
    return workdir / "data" / "last_use"


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request(
        "GET",
        "/",
        headers={"Authorization": "AWS4-HMAC-SHA256 Credential=testing/20250101/us-east-1/s3/aws4_request"},
    )
    return connection.getresponse().status == 200
