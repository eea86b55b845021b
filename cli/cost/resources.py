"""Prices the resources of a synthesized stack, of whose types each is priced, run by schedule, or free."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cli.cost.month import CostLine, Group, line
from cli.cost.resource_types import FREE
from lakehouse.environments.prices import Prices
from lakehouse.environments.unit_prices import HOURS_A_MONTH, Assumed

ASSUMED = "assumed"
# Resource type → name → body, as in Terraform's JSON.
Resources = dict[str, dict[str, Any]]
# (quantity, unit, basis) of one resource.
Quantities = list[tuple[float, str, str]]
STACK = "the stack"
# What runs by schedule is priced from the facts: schedule.py.
SCHEDULED = frozenset({"aws_glue_job", "aws_sfn_state_machine"})


def idle_lines(resources: Resources, prices: Prices) -> Iterator[CostLine]:
    """The month of what stands idle. A type that is neither priced nor free is a KeyError: see `unpriced`."""
    for resource_type in sorted(set(resources) - SCHEDULED - set(FREE)):
        quantities = _PRICED[resource_type]
        for name, body in resources[resource_type].items():
            for quantity, unit, basis in quantities(body, resources, prices.assumed):
                yield line(prices, Group.IDLE, (resource_type, name), quantity, unit, basis)


def unpriced(resources: Resources) -> list[str]:
    """The types that are neither priced nor stated as free."""
    return sorted(set(resources) - set(_PRICED) - set(FREE) - SCHEDULED)


def _airflow(body: dict[str, Any], _: Resources, assumed: Assumed) -> Quantities:
    size = body["environment_class"].removeprefix("mw1.")
    return [(HOURS_A_MONTH, f"mwaa_{size}", STACK), (assumed.airflow_gb, "mwaa_database", ASSUMED)]


def _endpoint(body: dict[str, Any], _: Resources, __: Assumed) -> Quantities:
    """A gateway endpoint is free; an interface is paid in each of its zones."""
    if body.get("vpc_endpoint_type") != "Interface":
        return []
    return [(len(body["subnet_ids"]) * HOURS_A_MONTH, "interface_endpoint", STACK)]


def _alarm(body: dict[str, Any], _: Resources, __: Assumed) -> Quantities:
    """An alarm is paid by the metrics that it reads."""
    metrics = sum("metric" in query for query in body.get("metric_query") or [])
    return [(metrics or 1, "alarm", STACK)]


def _cluster(body: dict[str, Any], resources: Resources, _: Assumed) -> Quantities:
    """Each instance takes the smallest capacity at least, and RDS keeps the password as a secret."""
    scaling = body["serverlessv2_scaling_configuration"]
    smallest = (scaling[0] if isinstance(scaling, list) else scaling)["min_capacity"]
    instances = len(resources.get("aws_rds_cluster_instance", {}))
    secret: Quantities = [(1, "secret", STACK)] if body.get("manage_master_user_password") else []
    return [(smallest * instances * HOURS_A_MONTH, "aurora_capacity", STACK), *secret]


def _table(body: dict[str, Any], _: Resources, assumed: Assumed) -> Quantities:
    recovery: Quantities = [(assumed.table_gb, "dynamodb_recovery", ASSUMED)]
    return [
        (assumed.table_gb, "dynamodb_storage", ASSUMED),
        *(recovery if body.get("point_in_time_recovery") else []),
    ]


def _function(body: dict[str, Any], _: Resources, assumed: Assumed) -> Quantities:
    return [(assumed.function_runs * body.get("memory_size", 128) / 1024, "lambda_memory", ASSUMED)]


def _each(quantity: float, unit: str) -> Callable[[dict[str, Any], Resources, Assumed], Quantities]:
    return lambda *_: [(quantity, unit, STACK)]


_PRICED: dict[str, Callable[[dict[str, Any], Resources, Assumed], Quantities]] = {
    "aws_mwaa_environment": _airflow,
    "aws_vpc_endpoint": _endpoint,
    "aws_nat_gateway": _each(HOURS_A_MONTH, "nat_gateway"),
    "aws_eip": _each(HOURS_A_MONTH, "public_ipv4"),
    "aws_kms_key": _each(1, "kms_key"),
    "aws_secretsmanager_secret": _each(1, "secret"),
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_cloudwatch_composite_alarm": _each(1, "composite_alarm"),
    "aws_cloudwatch_dashboard": _each(1, "dashboard"),
    "aws_cloudwatch_log_group": lambda _, __, assumed: [(assumed.log_gb, "log_ingestion", ASSUMED)],
    "aws_rds_cluster": _cluster,
    "aws_dynamodb_table": _table,
    "aws_s3_bucket": lambda _, __, assumed: [(assumed.bucket_gb, "s3_standard", ASSUMED)],
    "aws_backup_vault": lambda _, __, assumed: [(assumed.table_gb, "backup_storage", ASSUMED)],
    "aws_lambda_function": _function,
}
