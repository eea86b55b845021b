"""A plan and a deploy end with the month, and with the difference to what the state has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cli.cost.deployed import deployed_idle, show_month
from glue_jobs.aws import forget_clients
from infra.facts import Facts, read_facts
from lakehouse.environments import Environment, load_environment, names


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    """Dev in an account that is empty but for the bucket of Terraform's state."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    env = load_environment("dev")
    forget_clients()
    with mock_aws():
        where: Any = {"LocationConstraint": env.region}
        s3: Any = boto3.client("s3", region_name=env.region)
        s3.create_bucket(Bucket=names.state_bucket(env), CreateBucketConfiguration=where)
        yield env
    forget_clients()


def _deploy(env: Environment, resources: list[dict[str, Any]]) -> None:
    state = json.dumps({"version": 4, "resources": resources})
    boto3.client("s3", region_name=env.region).put_object(
        Bucket=names.state_bucket(env), Key="stack.tfstate", Body=state.encode()
    )


def _resource(resource_type: str, name: str, **attributes: object) -> dict[str, Any]:
    instances = [{"attributes": attributes}]
    return {"mode": "managed", "type": resource_type, "name": name, "instances": instances}


def _stack(folder: Path, facts: Facts, keys: int) -> Path:
    """A stack of keys, and of the jobs on the smallest workers."""
    jobs = {f"job_{job.name}": {"worker_type": "G.025X", "number_of_workers": 2} for job in facts.jobs}
    resources = {"aws_glue_job": jobs, "aws_kms_key": {f"key_{n}": {} for n in range(keys)}}
    (folder / "cdk.tf.json").write_text(json.dumps({"resource": resources}))
    return folder


def test_the_idle_month_of_a_state_is_that_of_its_resources(dev: Environment) -> None:
    assert deployed_idle(dev) is None
    endpoint = {"vpc_endpoint_type": "Interface", "subnet_ids": ["a", "b"]}
    _deploy(dev, [_resource("aws_kms_key", "raw"), _resource("aws_vpc_endpoint", "kms", **endpoint)])
    assert deployed_idle(dev) == pytest.approx(1 + 17.52)


def test_a_state_with_a_type_that_nobody_has_priced_is_not_half_counted(dev: Environment) -> None:
    _deploy(dev, [_resource("aws_kms_key", "raw"), _resource("aws_msk_cluster", "old")])
    assert deployed_idle(dev) is None


def test_the_last_line_names_the_month_and_the_difference(
    dev: Environment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = read_facts("dev")
    show_month(facts, dev, _stack(tmp_path, facts, keys=3), deployed=5.0)
    shown = capsys.readouterr()
    assert shown.out.startswith("a month costs ")
    assert "USD: idle 3.00, schedule " in shown.out
    assert shown.out.endswith("; idle -2.00 to what is deployed\n")
    assert shown.err == ""


def test_a_month_over_the_budget_is_told_and_stops_no_deploy(
    dev: Environment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = read_facts("dev")
    show_month(facts, dev, _stack(tmp_path, facts, keys=501), deployed=None)
    assert "LK530 the month of dev costs" in capsys.readouterr().err
