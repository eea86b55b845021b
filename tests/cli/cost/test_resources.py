"""Every resource of a stack is priced once, or is said to be free."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.cost.month import Month, month
from cli.cost.resource_types import FREE
from cli.cost.resources import idle_lines, unpriced
from lakehouse.environments.prices import load_prices
from lakehouse.project import Project, project_root


def _idle(resources: dict[str, Any]) -> Month:
    return month(idle_lines(resources, load_prices()))


def _imported_types() -> set[str]:
    """The resource types of the provider whose classes the stack imports."""
    prefix = "from cdktf_cdktf_provider_aws."
    lines = [
        line for file in (project_root() / "infra").rglob("*.py") for line in file.read_text().splitlines()
    ]
    modules = {line.removeprefix(prefix).split()[0] for line in lines if line.startswith(prefix)}
    return {f"aws_{name}" for name in modules if not name.startswith(("data_aws_", "provider"))}


def test_every_type_of_resource_that_the_stack_can_have_is_priced_or_free() -> None:
    assert unpriced({name: {} for name in _imported_types()}) == []


def test_a_type_that_nobody_has_priced_is_named() -> None:
    assert unpriced({"aws_msk_cluster": {}, "aws_kms_key": {}, "aws_iam_role": {}}) == ["aws_msk_cluster"]


def test_a_free_type_says_why() -> None:
    assert all(FREE.values())


def test_an_interface_endpoint_is_paid_by_zone_and_a_gateway_is_free() -> None:
    interface = {"vpc_endpoint_type": "Interface", "subnet_ids": ["a", "b"]}
    costs = _idle({"aws_vpc_endpoint": {"kms": interface, "s3": {"vpc_endpoint_type": "Gateway"}}})
    assert [(line.name, line.quantity) for line in costs.lines] == [("kms", 1460)]
    assert costs.usd() == pytest.approx(17.52)


def test_an_alarm_is_paid_by_the_metrics_that_it_reads() -> None:
    three = {"metric_query": [{"metric": {}}, {"metric": {}}, {"metric": {}}, {"expression": "m1+m2"}]}
    costs = _idle({"aws_cloudwatch_metric_alarm": {"plain": {"metric_name": "lag"}, "three": three}})
    assert {line.name: line.quantity for line in costs.lines} == {"plain": 1, "three": 3}


@pytest.mark.parametrize("scaling", [{"min_capacity": 0.5}, [{"min_capacity": 0.5}]])
def test_every_instance_of_a_database_takes_its_smallest_capacity(scaling: Any) -> None:
    cluster = {"serverlessv2_scaling_configuration": scaling}
    instances: dict[str, Any] = {"one": {}, "two": {}}
    costs = _idle({"aws_rds_cluster": {"lakebase": cluster}, "aws_rds_cluster_instance": instances})
    assert costs.usd() == pytest.approx(2 * 0.5 * 730 * 0.14)


def test_the_price_of_a_project_replaces_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "environments").mkdir()
    project = Project(project_root())
    text = (project.environments / "prices.yml").read_text()
    price = {"usd": 3, "per": "month", "source": "our contract"}
    units = f"{text}units:\n  kms_key: {json.dumps(price)}\n"
    (tmp_path / "environments" / "prices.yml").write_text(units)
    costs = month(idle_lines({"aws_kms_key": {"raw": {}}}, load_prices(tmp_path)))
    assert costs.usd() == 3
