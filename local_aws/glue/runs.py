"""All runs of the embedded Glue: accepts, lists, stops and retries them."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable

from local_aws.glue.arguments import RunArguments
from local_aws.glue.capacity import Cores, share_of
from local_aws.glue.execution import Execution
from local_aws.glue.host import GlueHost
from local_aws.glue.job_run import FAILED, WAITING, JobRun, RunRequest, new_run_id

# Account, region and name of a job.
JobKey = tuple[str, str, str]


class TooManyRunsError(Exception):
    """A job has as many runs as it may have at once."""


class JobRuns:
    """Keeps the runs of all jobs."""

    def __init__(self, host: GlueHost) -> None:
        self._host = host
        self._cores = Cores(host.machine.cores)
        self._runs: defaultdict[JobKey, list[JobRun]] = defaultdict(list)
        self._executions: dict[str, Execution] = {}
        self._lock = threading.RLock()

    def start(
        self,
        request: RunRequest,
        max_concurrent: int,
        job_exists: Callable[[], bool],
        previous_id: str | None = None,
    ) -> JobRun:
        """Start a run, or let it wait for cores. Raises TooManyRunsError.

        `job_exists` answers whether the job is still defined.
        """
        with self._lock:
            runs = self._runs[_key(request)]
            if sum(not run.has_ended for run in runs) >= max_concurrent:
                raise TooManyRunsError(f"Concurrent runs exceeded for {request.job_name}")
            return self._start(request, job_exists, new_run_id(), 0, previous_id)

    def of(self, key: JobKey) -> list[JobRun]:
        """The runs of a job, the newest first."""
        with self._lock:
            return list(reversed(self._runs.get(key, [])))

    def is_billed_by_second(self, run: JobRun) -> bool:
        """Whether Glue states the DPU-seconds of the run."""
        arguments = _arguments(run.request)
        return run.request.execution_class == "FLEX" or arguments.is_on("--enable-auto-scaling")

    def stop(self, run: JobRun) -> bool:
        """Ask a run to end. False when it has ended."""
        with self._lock:
            if run.has_ended:
                return False
            self._executions[run.id].stop()
            return True

    def end_all(self) -> None:
        """End the processes of all runs at once, with the platform."""
        with self._lock:
            for execution in self._executions.values():
                execution.kill()

    def _start(
        self,
        request: RunRequest,
        job_exists: Callable[[], bool],
        run_id: str,
        attempt: int,
        previous_id: str | None,
    ) -> JobRun:
        share = share_of(self._host.machine, request.worker_type, request.workers)
        run = JobRun(run_id, request, share.dpu, attempt, previous_id)
        granted = not request.is_streaming and self._cores.try_take(share.cores)
        if not granted and not request.is_streaming:
            run.become(WAITING)
        self._runs[_key(request)].append(run)
        execution = Execution(
            host=self._host,
            run=run,
            arguments=_arguments(request),
            share=share,
            cores=self._cores,
            job_exists=job_exists,
            on_end=self._ended,
            holds_cores=granted,
        )
        self._executions[run.id] = execution
        execution.start()
        return run

    def _ended(self, run: JobRun) -> None:
        """Glue starts a failed run again; not one that reached its timeout or was stopped."""
        with self._lock:
            execution = self._executions.pop(run.id)
            if run.state == FAILED and run.attempt < run.request.max_retries:
                attempt = run.attempt + 1
                first = run.id.partition("_attempt_")[0]
                run_id = f"{first}_attempt_{attempt}"
                self._start(run.request, execution.job_exists, run_id, attempt, run.id)


def _key(request: RunRequest) -> JobKey:
    return request.account, request.region, request.job_name


def _arguments(request: RunRequest) -> RunArguments:
    return RunArguments.merged(request.default_arguments, request.arguments, request.fixed_arguments)


_current: list[JobRuns] = []


def execute_on(host: GlueHost) -> JobRuns:
    """Execute the runs of this process's Glue on the host; before, moto only records them."""
    _current[:] = [JobRuns(host)]
    return _current[0]


def current() -> JobRuns | None:
    """The runs of this process's Glue; None where moto records them."""
    return _current[0] if _current else None
