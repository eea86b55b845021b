"""Fixtures of the commands' tests. None of them touches a world that others use."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from glue_jobs.aws import clients
from lakehouse.environments import Environment, load_environment, names
from lakehouse.environments.control import table_definition
from lakehouse.environments.names import Control, Zone
from tests.buckets import create_bucket
from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import Tree, copied


@pytest.fixture
def no_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever runs on this machine, these tests do not find it."""
    monkeypatch.setenv("LAKEHOUSE_OVERLAY", str(tmp_path / "nowhere.json"))


@pytest.fixture
def tree(tmp_path: Path, lakehouse: Call) -> Tree:
    return copied(tmp_path / "tree", lakehouse)


@pytest.fixture(scope="module")
def moto_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """The local environment on a moto of this process: control tables and buckets, no Spark, no source.

    `load_environment("local")` finds it until the end.
    """
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    overlay = tmp_path_factory.mktemp("moto") / "overlay.json"
    keys = {"access_key": "testing", "secret_key": "testing"}
    overlay.write_text(json.dumps({"aws": {"endpoint": endpoint, **keys}}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAKEHOUSE_OVERLAY", str(overlay))
        env = load_environment("local")
        reset = urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")
        urllib.request.urlopen(reset).close()
        for control in Control:
            clients(env).dynamodb.create_table(**table_definition(env, control))
        for zone in Zone:
            create_bucket(env, names.bucket(env, zone))
        yield env
        urllib.request.urlopen(reset).close()
    server.stop()
