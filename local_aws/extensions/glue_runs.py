"""Runs of Glue's jobs, which moto only records: here they are executed."""

from __future__ import annotations

from typing import Any

from moto.glue.models import FakeJob, glue_backends

from local_aws.extensions.calls import ApiError, Call, target
from local_aws.glue.capacity import DEFAULT_WORKER, DEFAULT_WORKERS
from local_aws.glue.job_run import JobRun, RunRequest, timeout_of
from local_aws.glue.runs import JobKey, JobRuns, TooManyRunsError, current

_NOT_FOUND = "EntityNotFoundException"
_PAGE = 200


@target("glue", "StartJobRun")
def start(call: Call) -> dict[str, Any] | None:
    runs = current()
    if runs is None:
        return None
    job = _jobs(call).get(call.params["JobName"])
    if job is None:
        raise ApiError(_NOT_FOUND, "Failed to start job run due to missing metadata")
    most_runs = int(job.execution_property.get("MaxConcurrentRuns", 1))
    try:
        run = runs.start(
            _request(call, job), most_runs, lambda: job.name in _jobs(call), call.params.get("JobRunId")
        )
    except TooManyRunsError as error:
        raise ApiError("ConcurrentRunsExceededException", str(error)) from error
    return {"JobRunId": run.id}


@target("glue", "GetJobRun")
def get(call: Call) -> dict[str, Any] | None:
    runs = current()
    return {"JobRun": _shown(runs, _find(runs, call, call.params["RunId"]))} if runs else None


@target("glue", "GetJobRuns")
def list_runs(call: Call) -> dict[str, Any] | None:
    """The runs of a job, the newest first, in pages."""
    all_runs = current()
    if all_runs is None:
        return None
    if call.params["JobName"] not in _jobs(call):
        raise ApiError(_NOT_FOUND, f"Job {call.params['JobName']} not found")
    runs = all_runs.of(_key(call))
    begin = int(call.params.get("NextToken") or 0)
    end = begin + min(int(call.params.get("MaxResults") or _PAGE), _PAGE)
    more = {"NextToken": str(end)} if end < len(runs) else {}
    return {"JobRuns": [_shown(all_runs, run) for run in runs[begin:end]], **more}


@target("glue", "BatchStopJobRun")
def stop(call: Call) -> dict[str, Any] | None:
    all_runs = current()
    if all_runs is None:
        return None
    submitted, errors = [], []
    for run_id in call.params["JobRunIds"]:
        name = {"JobName": call.params["JobName"], "JobRunId": run_id}
        try:
            run = _find(all_runs, call, run_id)
        except ApiError as error:
            errors.append({**name, "ErrorDetail": {"ErrorCode": error.code, "ErrorMessage": str(error)}})
            continue
        if all_runs.stop(run):
            submitted.append(name)
        else:
            detail = {
                "ErrorCode": "JobRunInTerminalStateException",
                "ErrorMessage": f"Job Run Id {run_id} is already in a terminal state: {run.state}",
            }
            errors.append({**name, "ErrorDetail": detail})
    return {"SuccessfulSubmissions": submitted, "Errors": errors}


def _request(call: Call, job: FakeJob) -> RunRequest:
    given: dict[str, Any] = call.params
    definition: Any = job
    command = definition.command
    return RunRequest(
        account=call.account,
        region=call.region,
        job_name=job.name,
        role=job.role,
        script=command.get("ScriptLocation", ""),
        command=command.get("Name", "glueetl"),
        glue_version=job.glue_version or "",
        execution_class=given.get("ExecutionClass") or job.execution_class,
        default_arguments=job.default_arguments or {},
        arguments=given.get("Arguments") or {},
        fixed_arguments=job.non_overridable_arguments or {},
        worker_type=given.get("WorkerType") or job.worker_type or DEFAULT_WORKER,
        workers=int(given.get("NumberOfWorkers") or job.number_of_workers or DEFAULT_WORKERS),
        timeout=timeout_of(given.get("Timeout") or job.timeout, command.get("Name", "")),
        max_retries=int(job.max_retries or 0),
        notification=given.get("NotificationProperty") or job.notification_property or {},
        security_configuration=given.get("SecurityConfiguration") or job.security_configuration,
        maintenance_window=getattr(job, "maintenance_window", None),
    )


def _find(runs: JobRuns, call: Call, run_id: str) -> JobRun:
    for run in runs.of(_key(call)):
        if run.id == run_id:
            return run
    raise ApiError(_NOT_FOUND, f"Job run {run_id} of job {call.params['JobName']} not found")


def _shown(runs: JobRuns, run: JobRun) -> dict[str, Any]:
    return run.as_dict(runs.is_billed_by_second(run))


def _jobs(call: Call) -> dict[str, FakeJob]:
    jobs: dict[str, FakeJob] = glue_backends[call.account][call.region].jobs
    return jobs


def _key(call: Call) -> JobKey:
    return call.account, call.region, call.params["JobName"]
