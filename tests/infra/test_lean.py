"""What a lean environment leaves out, by its facts; staging and prod have everything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.cost.estimate import estimate
from cli.cost.month import Group
from infra.facts import read_facts
from lakehouse.reading.faults import FaultsError
from tests.infra.job_parts import copied
from tests.infra.synthesis import document, whole_stack

OF_AIRFLOW = {"sqs", "airflow_api", "airflow_env", "ecr_api", "ecr_dkr"}


def _change(root: Path, stack: dict[str, Any]) -> None:
    file = root / "environments" / "dev.yml"
    facts = yaml.safe_load(file.read_text())
    facts["stack"] |= stack
    file.write_text(yaml.safe_dump(facts))


def _interfaces(stack: dict[str, Any]) -> dict[str, int]:
    """Interface endpoint → in how many zones."""
    endpoints = stack["resource"]["aws_vpc_endpoint"].items()
    return {
        name.removeprefix("endpoint_"): len(body["subnet_ids"])
        for name, body in endpoints
        if body["vpc_endpoint_type"] == "Interface"
    }


def test_dev_has_the_smallest_airflow_endpoints_in_one_zone_and_no_alarms_of_jobs(synthesized: Any) -> None:
    dev = synthesized("dev")
    airflow = dev["resource"]["aws_mwaa_environment"]["airflow"]
    assert (airflow["environment_class"], airflow["max_workers"], airflow["schedulers"]) == (
        "mw1.micro",
        1,
        1,
    )
    assert set(_interfaces(dev).values()) == {1}
    assert "aws_cloudwatch_composite_alarm" not in dev["resource"]
    assert not [
        name for name in dev["resource"]["aws_cloudwatch_metric_alarm"] if name.startswith("alarm_failed_")
    ]


@pytest.mark.parametrize("env", ["staging", "prod"])
def test_staging_and_prod_have_everything(synthesized: Any, env: str) -> None:
    stack = synthesized(env)
    assert stack["resource"]["aws_mwaa_environment"]["airflow"]["schedulers"] == 2
    interfaces = _interfaces(stack)
    assert set(interfaces) > OF_AIRFLOW
    assert set(interfaces.values()) == {2}
    alarms = stack["resource"]["aws_cloudwatch_metric_alarm"]
    assert {f"alarm_failed_{job.name}" for job in read_facts(env).jobs} <= set(alarms)


def test_a_lean_environment_has_all_its_jobs_and_the_tables_of_prod(synthesized: Any) -> None:
    dev, prod = (synthesized(env)["resource"] for env in ("dev", "prod"))
    assert set(dev["aws_glue_job"]) == {f"job_{job.name}" for job in read_facts("dev").jobs}
    assert set(dev["aws_glue_catalog_table"]) == set(prod["aws_glue_catalog_table"])


def test_without_an_orchestrator_there_is_no_airflow_and_an_idle_month_is_120_usd_at_most(
    without_airflow: Path,
) -> None:
    folder = whole_stack("dev", without_airflow)
    stack = document(folder)
    assert "aws_mwaa_environment" not in stack["resource"]
    assert not OF_AIRFLOW & set(_interfaces(stack))
    costs = estimate(read_facts("dev", without_airflow), folder, {})
    assert costs.usd(Group.IDLE) <= 120


@pytest.mark.parametrize("env", ["dev", "staging", "prod"])
def test_the_budget_of_an_environment_holds_its_month(env: str) -> None:
    facts = read_facts(env)
    assert estimate(facts, whole_stack(env), {}).usd() <= facts.env.stack.budget.monthly_usd


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        ({"airflow": {"environment_class": "mw1.micro", "max_workers": 2}}, "mw1.micro has exactly one"),
        ({"network": {"endpoint_zones": 3}}, "endpoint_zones"),
    ],
)
def test_facts_that_aws_does_not_offer_are_refused(
    tmp_path: Path, stack: dict[str, Any], message: str
) -> None:
    root = copied(tmp_path / "project")
    _change(root, stack)
    with pytest.raises(FaultsError, match=message):
        read_facts("dev", root)


def test_an_environment_with_a_data_factory_has_airflow(tmp_path: Path) -> None:
    root = copied(tmp_path / "project")
    _change(root, {"orchestrator": "none"})
    file = root / "environments" / "dev.yml"
    factory = {
        "subscription": "00000000-0000-0000-0000-000000000000",
        "resource_group": "group",
        "factory": "factory",
    }
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | {"data_factory": factory}))
    with pytest.raises(FaultsError, match="only Airflow runs it"):
        read_facts("dev", root)
