"""Evaluates the parameters of a job for one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from glue_jobs.errors import RunError
from lakehouse.pipelines import Job
from lakehouse.pipelines.params import Param, ParamError, check_param, evaluate


def job_parameters(job: Job, run_date: date, run_id: str, arguments: Mapping[str, str]) -> dict[str, Any]:
    """Name → typed value of every parameter of the job; an argument replaces the value of its row.

    Raises RunError (RUN051): an argument names no parameter of the job, names a secret, or has another type.
    """
    parameters = {p.name: p for p in job.params}
    unknown = sorted(set(arguments) - set(parameters))
    if unknown:
        names = ", ".join(sorted(parameters)) or "none"
        raise RunError(f"job {job.name} has no parameter '{unknown[0]}'; it has {names}", code="RUN051")
    return {
        name: evaluate(
            _with_argument(param, arguments[name]) if name in arguments else param,
            run_date=run_date,
            run_id=run_id,
            job_name=job.name,
        )
        for name, param in parameters.items()
    }


def _with_argument(param: Param, value: str) -> Param:
    if param.secure:
        raise RunError(f"'{param.name}' is a secret and cannot be given as an argument", code="RUN051")
    replaced = replace(param, value=value)
    try:
        check_param(replaced)
    except ParamError as error:
        raise RunError(f"parameter {param.name}: {error}; wanted {error.wanted}", code="RUN051") from None
    return replaced
