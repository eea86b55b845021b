"""Powertools as both functions use them."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from lambdas.common.settings import Settings

# Not POWERTOOLS_SERVICE_NAME: that would become a dimension of every metric, and no alarm would find them.
SERVICE = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local")
logger = Logger(service=SERVICE)
Work = Callable[[dict[str, Any], Any], Any]


@cache
def tracer() -> Tracer:
    """Made with the first event: X-Ray's library alone takes longer to load than all the rest of a function."""
    return Tracer(service=SERVICE, patch_modules=["botocore"])


def framed(work: Work) -> Work:
    """`work` with structured logs and a trace."""
    return logger.inject_lambda_context(
        tracer().capture_lambda_handler(work, capture_response=False), log_event=False
    )


def count(settings: Settings, name: str, value: float, job: str = "") -> None:
    """One number with the dimensions that the jobs' own metrics have: environment, and job where there is one."""
    with single_metric(
        name=name, unit=MetricUnit.Count, value=value, namespace=settings.metrics_namespace
    ) as metric:
        if job:
            metric.add_dimension("job", job)
        metric.add_dimension("environment", settings.environment)
