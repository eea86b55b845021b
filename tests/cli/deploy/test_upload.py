"""The program that Terraform runs to upload a release.

The tests start it as the stack does, in Terraform's own environment.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from cli.deploy.deploy_target import child_environment
from cli.deploy.releases import list_releases
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_keys
from infra.app import synth
from infra.build import packages
from infra.build.archive import write_zip
from infra.build.dags import dag_entries
from infra.build.make import build
from infra.build.release import KMS_KEY_VARIABLE, PYTHON_VARIABLE, working_release
from infra.facts import read_facts
from lakehouse.environments import Environment, load_environment, names
from lakehouse.environments.names import Zone
from lakehouse.pipelines.job_jars import KAFKA, POSTGRES
from lakehouse.project import CACHE_VARIABLE
from local_aws.jars import ensure_jars
from tests.infra.job_parts import copied

KEY = "arn:aws:kms:eu-central-1:123456789012:key/5dbb370f-0000-4000-8000-000000000000"


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    """An embedded AWS with an artifacts bucket; at the port of its proxy nothing answers."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    aws = {"endpoint": endpoint, "access_key": "testing", "secret_key": "testing", "proxy_port": 1}
    overlay = tmp_path / "overlay.json"
    overlay.write_text(json.dumps({"aws": aws}))
    monkeypatch.setenv("LAKEHOUSE_OVERLAY", str(overlay))
    env = load_environment("local")
    location: Any = {"LocationConstraint": env.region}
    bucket = names.bucket(env, Zone.ARTIFACTS)
    clients(env).s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
    yield env
    server.stop()


def test_the_commands_of_the_stack_upload_the_release_and_the_dags_that_it_names(
    env: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(lines: str, target: packages.Target, folder: Path) -> list[Path]:
        write_zip(folder / "one-1.0-py3-none-any.whl", {"one/__init__.py": b""})
        return [folder / "one-1.0-py3-none-any.whl"]

    monkeypatch.setattr(packages, "download", download)
    tree = copied(tmp_path / "tree")
    build(tree)
    stack = synth(read_facts("local", tree), tree / "cdktf.out")
    document = json.loads((stack / "cdk.tf.json").read_text())
    for name in ("release", "dags"):
        (provisioner,) = document["resource"]["terraform_data"][name]["provisioner"]
        command = provisioner["local-exec"]
        variables = {**command["environment"], KMS_KEY_VARIABLE: KEY, PYTHON_VARIABLE: sys.executable}
        variables[CACHE_VARIABLE] = str(ensure_jars().spark.parent.parent)
        done = subprocess.run(
            ["/bin/sh", "-c", command["command"]],
            cwd=stack,
            env={**child_environment(env), **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    (release,) = list_releases(env)
    assert release.digest == working_release(tree).digest
    bucket = names.bucket(env, Zone.ARTIFACTS)
    jars = clients(env).s3.list_objects_v2(Bucket=bucket, Prefix="code/jars/")["Contents"]
    assert {f"code/jars/{jar}" for jar in (*KAFKA, *POSTGRES)} == {item["Key"] for item in jars}
    bucket = names.bucket(env, Zone.ARTIFACTS)
    uploaded = set(list_keys(clients(env).s3, S3Uri(bucket, "airflow/dags/")))
    assert uploaded == {f"airflow/dags/{name}" for name in dag_entries(tree)}
    for item in clients(env).s3.list_objects_v2(Bucket=bucket)["Contents"]:
        assert clients(env).s3.head_object(Bucket=bucket, Key=item["Key"])["SSEKMSKeyId"] == KEY
