"""Logs, traces and metrics by Powertools."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.common.settings import FunctionSettings

# POWERTOOLS_SERVICE_NAME would become a dimension of every metric, which the alarms do not have.
SERVICE = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local")
logger = Logger(service=SERVICE)
Handler = Callable[[dict[str, Any], LambdaContext], Any]


@cache
def tracer() -> Tracer:
    """Made at the first event, because X-Ray's library loads slower than the rest of a function."""
    return Tracer(service=SERVICE, patch_modules=["botocore"])


def instrumented(handler: Handler) -> Handler:
    """The handler with structured logs and a trace."""
    return logger.inject_lambda_context(
        tracer().capture_lambda_handler(handler, capture_response=False), log_event=False
    )


def count(settings: FunctionSettings, name: str, value: float, job: str = "") -> None:
    """Emits a metric with the dimensions of the jobs' metrics: environment, and job where it is given."""
    with single_metric(
        name=name, unit=MetricUnit.Count, value=value, namespace=settings.metrics_namespace
    ) as metric:
        if job:
            metric.add_dimension("job", job)
        metric.add_dimension("environment", settings.environment)
