"""Jobs of S3 Batch Operations, which moto lacks: CreateJob, DescribeJob, ListJobs and UpdateJobStatus.

S3 Control speaks XML, which botocore's own model of the service describes, for the request and the answer.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from moto.core.parse import RestXMLParser
from moto.core.serialize import RestXMLSerializer
from moto.core.utils import get_service_model
from werkzeug.datastructures import MultiDict

from local_aws.batch_operations.job import ENDED, BatchJob, InvalidJobError
from local_aws.batch_operations.jobs import BatchJobs, current
from local_aws.extensions.calls import Call, Reply, path

_JOBS = "/v20180820/jobs"
_PAGE = 1000


class JobError(Exception):
    """An error as S3 Control sends it."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@path("s3", "POST", _JOBS)
def create(call: Call) -> Reply | None:
    return _answered(call, "CreateJob", _create)


@path("s3", "GET", _JOBS)
def list_all(call: Call) -> Reply | None:
    return _answered(call, "ListJobs", _list)


@path("s3", "GET", f"{_JOBS}/(?P<job>[^/]+)")
def describe(call: Call) -> Reply | None:
    return _answered(call, "DescribeJob", lambda jobs, c, _: {"Job": _find(jobs, c).described()})


@path("s3", "POST", f"{_JOBS}/(?P<job>[^/]+)/status")
def update_status(call: Call) -> Reply | None:
    return _answered(call, "UpdateJobStatus", _update)


def _create(jobs: BatchJobs, call: Call, params: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"JobId": jobs.start(call.account, call.region, params).id}
    except InvalidJobError as error:
        raise JobError("InvalidRequest", str(error)) from error


def _list(jobs: BatchJobs, call: Call, _: dict[str, Any]) -> dict[str, Any]:
    """The jobs of the region, the newest first, in pages."""
    values = call.query_values
    statuses = values.get("jobStatuses", [])
    listed = [job for job in jobs.of(call.account, call.region) if not statuses or job.status in statuses]
    begin = int(values.get("nextToken", ["0"])[0])
    end = begin + min(int(values.get("maxResults", [_PAGE])[0]), _PAGE)
    more = {"NextToken": str(end)} if end < len(listed) else {}
    return {"Jobs": [job.listed() for job in listed[begin:end]], **more}


def _update(jobs: BatchJobs, call: Call, _: dict[str, Any]) -> dict[str, Any]:
    job, requested = _find(jobs, call), call.query_values.get("requestedJobStatus", [""])[0]
    if requested != "Cancelled" or job.status in ENDED:
        raise JobError("JobStatusException", f"a job that is {job.status} cannot become {requested}")
    job.is_cancelled.set()
    return {"JobId": job.id, "Status": job.status}


def _find(jobs: BatchJobs, call: Call) -> BatchJob:
    name = call.path_values["job"]
    job = jobs.find(call.account, call.region, name)
    if job is None:
        raise JobError("NoSuchJob", f"the job {name} does not exist", 404)
    return job


def _answered(call: Call, operation: str, answer: Any) -> Reply | None:
    """The answer of an operation in S3 Control's form; None for a request to a bucket of that name."""
    jobs = current()
    if jobs is None or "x-amz-account-id" not in call.headers:
        return None
    model = _model().operation_model(operation)
    request: Any = {"headers": call.headers, "url_params": {}, "values": MultiDict(), "body": call.body}
    try:
        params = RestXMLParser(model).parse(request) if call.body else {}
        done = RestXMLSerializer(model).serialize(answer(jobs, call, params))
    except JobError as error:
        text = f"<Error><Code>{error.code}</Code><Message>{escape(str(error))}</Message></Error>"
        body = f"<ErrorResponse>{text}</ErrorResponse>".encode()
        return Reply(error.status, {"Content-Type": "application/xml"}, body)
    answered = done["body"]
    content = answered if isinstance(answered, bytes) else str(answered).encode()
    return Reply(done["status_code"], {"Content-Type": "application/xml"}, content)


@cache
def _model() -> Any:
    return get_service_model("s3control")
