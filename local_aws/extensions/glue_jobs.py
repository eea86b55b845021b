"""Glue's jobs: update, and the maintenance window of a streaming job, which moto drops."""

from __future__ import annotations

import re
from typing import Any

from moto.core.utils import utcnow
from moto.glue.models import FakeJob, glue_backends
from moto.glue.responses import GlueResponse

from local_aws.extensions.calls import ApiError, Call, target

WINDOW = "MaintenanceWindow"
_create, _shown = GlueResponse.create_job, FakeJob.as_dict


def _create_job(response: GlueResponse) -> Any:
    answer = _create(response)
    window = response._get_param(WINDOW)
    if window:
        job: Any = response.glue_backend.jobs[response._get_param("Name")]
        job.maintenance_window = window
    return answer


def _as_dict(job: Any) -> dict[str, Any]:
    window = getattr(job, "maintenance_window", None)
    return {**_shown(job), **({WINDOW: window} if window else {})}


@target("glue", "UpdateJob")
def update(call: Call) -> dict[str, Any]:
    """Replace the whole definition of a job, except its name, runs and tags."""
    name, definition = call.params["JobName"], call.params["JobUpdate"]
    jobs = glue_backends[call.account][call.region].jobs
    if name not in jobs:
        raise ApiError("EntityNotFoundException", f"Job {name} not found")
    job = jobs[name]
    fields = {_snake(key): value for key, value in definition.items()}
    mappings = ("execution_property", "default_arguments")
    for attribute in vars(job):
        if attribute not in ("name", "arn", "backend", "created_on", "job_runs"):
            setattr(job, attribute, fields.get(attribute, {} if attribute in mappings else None))
    job.maintenance_window = fields.get("maintenance_window")  # type: ignore[attr-defined]
    job.execution_class = fields.get("execution_class") or "STANDARD"
    job.last_modified_on = utcnow()
    return {"JobName": name}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


GlueResponse.create_job = _create_job  # type: ignore[method-assign,assignment]
FakeJob.as_dict = _as_dict  # type: ignore[method-assign,assignment]
