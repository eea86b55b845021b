"""The shipped unit prices of AWS in USD, before discounts and taxes. A project's prices.yml replaces them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from lakehouse.environments.fact import Fact

REGION = "eu-central-1"
AS_OF = date(2026, 11, 1)
HOURS_A_MONTH = 730


class UnitPrice(Fact):
    """What one unit costs: in which region, on which day, and who says so."""

    usd: Annotated[float, Field(ge=0)]
    per: str = Field(description="The unit, such as `hour` or `GB-month`.")
    region: str = REGION
    as_of: date = AS_OF
    source: str = Field(description="Page of AWS's prices.")


class Assumed(Fact):
    """What nobody has measured yet. `lakehouse cost` shows each figure that rests on it as assumed."""

    run_seconds: Annotated[float, Field(gt=0)] = Field(
        180, description="Of a job without a run in the audit."
    )
    bucket_gb: Annotated[float, Field(ge=0)] = Field(1, description="Kept in a bucket.")
    table_gb: Annotated[float, Field(ge=0)] = Field(0.1, description="Kept in a table of DynamoDB.")
    log_gb: Annotated[float, Field(ge=0)] = Field(0.1, description="Written to a log group in a month.")
    function_runs: Annotated[float, Field(ge=0)] = Field(3000, description="Of a function, of a second each.")
    airflow_gb: Annotated[float, Field(ge=0)] = Field(10, description="Kept in the database of Airflow.")


_AIRFLOW, _VPC = "managed-workflows-for-apache-airflow", "privatelink"
# Name → USD, unit, page below https://aws.amazon.com.
_SHIPPED: dict[str, tuple[float, str, str]] = {
    "mwaa_micro": (0.12, "hour", _AIRFLOW),
    "mwaa_small": (0.49, "hour", _AIRFLOW),
    "mwaa_medium": (0.74, "hour", _AIRFLOW),
    "mwaa_large": (0.99, "hour", _AIRFLOW),
    "mwaa_database": (0.10, "GB-month", _AIRFLOW),
    "interface_endpoint": (0.012, "zone and hour", _VPC),
    "nat_gateway": (0.052, "hour", "vpc"),
    "public_ipv4": (0.005, "hour", "vpc"),
    "kms_key": (1.0, "month", "kms"),
    "secret": (0.40, "month", "secrets-manager"),
    "alarm": (0.10, "metric and month", "cloudwatch"),
    "composite_alarm": (0.50, "month", "cloudwatch"),
    "dashboard": (3.0, "month", "cloudwatch"),
    "custom_metric": (0.30, "month", "cloudwatch"),
    "log_ingestion": (0.63, "GB", "cloudwatch"),
    "aurora_capacity": (0.14, "unit and hour", "rds/aurora"),
    "dynamodb_storage": (0.306, "GB-month", "dynamodb"),
    "dynamodb_recovery": (0.2448, "GB-month", "dynamodb"),
    "s3_standard": (0.0245, "GB-month", "s3"),
    "backup_storage": (0.119, "GB-month", "backup"),
    "state_transition": (0.000025, "transition", "step-functions"),
    "lambda_memory": (0.0000166667, "GB-second", "lambda"),
}


def shipped_prices() -> dict[str, UnitPrice]:
    """Each unit price by its name."""
    pages = "https://aws.amazon.com/{}/pricing/"
    return {
        name: UnitPrice(usd=usd, per=per, source=pages.format(page))
        for name, (usd, per, page) in _SHIPPED.items()
    }
