"""The Lambda function `start_run`: starts a job for a date, and notes who asked.

`glue:StartJobRun` lets its caller replace script, modules and settings of a job, so it is the right to run
any code as any job. This function takes a job, a date and declared parameters alone.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.common import aws
from lambdas.common.job_catalog import load_job_catalog
from lambdas.common.settings import read_settings
from lambdas.common.tools import Handler, instrumented, logger
from lambdas.start_run.caller import caller_arn
from lambdas.start_run.refused import RefusedError
from lambdas.start_run.request import StartRequest
from lambdas.start_run.settings import StartSettings

# The argument of the run that says who asked for it.
REQUESTED_BY = "--requested-by"


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """`run_id` of the Glue run and `requested_by`, or `code` and `refused`: why no run has started.

    A refusal is an answer and no error of the function, which would raise an alarm.
    """
    return _instrumented()(event, context)  # type: ignore[no-any-return]


@cache
def _settings() -> StartSettings:
    return read_settings(StartSettings)


@cache
def _instrumented() -> Handler:
    return instrumented(_handle)


def _handle(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    try:
        return _started(_settings(), event)
    except RefusedError as refusal:
        logger.warning("nothing is started: %s", refusal)
        return {"code": refusal.code, "refused": str(refusal)}


def _started(settings: StartSettings, event: dict[str, Any]) -> dict[str, str]:
    request = StartRequest.parse(event)
    catalog = load_job_catalog(settings.job_catalog_bucket, settings.job_catalog_key)
    job, arguments = request.glue_arguments(catalog)
    caller = caller_arn(settings, request.identity)
    run_id = _start(job.glue_name, {**arguments, REQUESTED_BY: caller})
    fields = {"job_name": job.name, "glue_run": run_id, "run_date": request.run_date, "requested_by": caller}
    logger.info("%s started", job.name, extra=fields)
    return {"run_id": run_id, "requested_by": caller}


def _start(glue_name: str, arguments: dict[str, str]) -> str:
    from botocore.exceptions import ClientError  # slows a cold start

    try:
        return aws.glue_once().start_job_run(JobName=glue_name, Arguments=arguments)["JobRunId"]
    except ClientError as error:
        answer = error.response["Error"]
        raise RefusedError(f"{answer['Code']}: {answer['Message']}", "RUN522") from None
