"""The one script that Glue, the CLI and a person run: finds the job, opens its run, calls it."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from glue_jobs.error_text import public_trace
from glue_jobs.errors import RunError
from glue_jobs.observability.redact import redact
from glue_jobs.params import RunArgs, UsageError, parse
from lakehouse.contracts import Schemas
from lakehouse.environments import Environment
from lakehouse.pipelines import Job
from lakehouse.project import VARIABLE, project_root
from lakehouse.reading.days import fault_of_run_date
from lakehouse.reading.faults import Collector, FaultsError, nearest

log = logging.getLogger(__name__)

USAGE, FAILED = 2, 1


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 when the run succeeded, 2 when arguments or facts are wrong, 1 when the run failed."""
    return exit_code(lambda: _run(parse(list(sys.argv[1:] if argv is None else argv))))


def exit_code(work: Callable[[], None]) -> int:
    """The exit code of an entry point that does `work`; an error is printed without a value of a row."""
    try:
        work()
    except (FaultsError, UsageError) as error:
        print(error, file=sys.stderr)
        return USAGE
    except RunError as error:
        print(redact(str(error)), file=sys.stderr)
        return FAILED
    except Exception as error:
        # Glue would keep the text of the exception and send it on: it may quote a row.
        print(redact(public_trace(error)), file=sys.stderr)
        return FAILED
    return 0


def _run(args: RunArgs) -> None:
    if args.run_date and (fault := fault_of_run_date(args.run_date)):
        raise UsageError(fault, code="RUN141")
    if args.bundle:
        _use_bundle(args)
    # Wrong facts are reported in a tenth of a second, before Spark takes its four.
    env, job, schemas = _facts(args)
    if args.bundle:
        env = env.on_glue()

    from glue_jobs.aws import require_up
    from glue_jobs.observability import logs

    require_up(env)
    logs.configure(env)
    if args.passed_over:
        # A value may be a secret that somebody misplaced: only keys and words without one are named.
        log.warning("arguments are not known and not used: %s", redact(" ".join(args.passed_over)))

    if job.members:
        _start_fused(env, schemas, job, args)
    elif args.smoke:
        from glue_jobs.smoke import smoke_run

        smoke_run(env, schemas, job, args.requested_by)
    else:
        _start(env, schemas, job, args)


def _start(env: Environment, schemas: Schemas, job: Job, args: RunArgs) -> None:
    from glue_jobs.run_request import RunRequest
    from glue_jobs.runner import run_job
    from glue_jobs.session import spark_session

    request = RunRequest(
        job,
        args.run_date or yesterday(),
        args.params,
        full_refresh=args.full_refresh,
        window=args.window,
        replay=args.replay,
        rewind=args.rewind,
        requested_by=args.requested_by,
        force=args.force,
    )
    run_job(env, schemas, spark_session(env), request)


def _start_fused(env: Environment, schemas: Schemas, job: Job, args: RunArgs) -> None:
    from glue_jobs.fused import run_fused
    from glue_jobs.session import spark_session

    run_fused(env, schemas, spark_session(env), job, args.run_date or yesterday(), args.requested_by)


def _use_bundle(args: RunArgs) -> None:
    """Makes the bundle that the job was deployed with the project of this process."""
    from glue_jobs.aws import Aws
    from glue_jobs.bundle import fetch_project
    from lakehouse.environments.model import Aws as AwsFacts

    # The environment is read from the bundle, so here the role and the region are those of the process.
    folder = fetch_project(Aws(AwsFacts(), None).s3, args.bundle, args.release)
    os.environ[VARIABLE] = str(folder)


def _facts(args: RunArgs) -> tuple[Environment, Job, Schemas]:
    """The environment, the job and the contracts.

    Raises UsageError or FaultsError when the job cannot run there.
    """
    from glue_jobs.job_parameters import job_parameters
    from lakehouse.contracts import load_schemas
    from lakehouse.environments import load_environment
    from lakehouse.pipelines import load_pipelines
    from lakehouse.pipelines.full_refresh import check_force, check_full_refresh
    from lakehouse.pipelines.fused import fused_jobs
    from lakehouse.pipelines.job_checks import check_job

    env = load_environment(args.env, config=args.config)
    pipelines = load_pipelines().values()
    own = [job for pipeline in pipelines for job in pipeline.jobs]
    jobs = {job.name: job for job in (*own, *fused_jobs(env, pipelines))}
    if args.job not in jobs:
        near = nearest(args.job, jobs)
        hint = f"; did you mean '{near}'?" if near else f"; there are {', '.join(jobs)}"
        raise UsageError(f"unknown job '{args.job}'{hint}")
    job = jobs[args.job]
    if not job.runs_in(env):
        environments = ", ".join(job.environments)
        raise UsageError(f"job '{job.name}' does not run in {env.name}, only in {environments}")
    schemas = load_schemas()
    faults = Collector(project_root())
    for member in job.members or (job,):
        check_job(member, schemas.contracts, schemas.contracts, faults)
    if job.members and (unfit := _unfit(args)):
        raise UsageError(f"'{job.name}' runs whole jobs of a day; start the job alone for {', '.join(unfit)}")
    check_force([job], args.force, faults)
    if args.full_refresh:
        check_full_refresh(job, faults)
    faults.raise_if_any()
    try:
        job_parameters(job, args.run_date or yesterday(), "", args.params)
    except RunError as error:
        raise UsageError(str(error).removeprefix(f"{error.code} "), code=error.code) from None
    return env, job, schemas


def _unfit(args: RunArgs) -> list[str]:
    """The arguments that ask for something else of one job."""
    asked = {
        "--param": args.params,
        "--full-refresh": args.full_refresh,
        "--backfill": args.window,
        "--replay": args.replay,
        "--rewind": args.rewind,
        "--force": args.force,
        "--smoke": args.smoke,
    }
    return [name for name, value in asked.items() if value]


def yesterday() -> date:
    """The logical date of a run that names none: the last day that is over in UTC."""
    return datetime.now(UTC).date() - timedelta(days=1)


def console() -> None:
    end_process(main())


def end_process(code: int) -> None:
    """Ends the process with an exit code. A run that succeeded just ends.

    AWS documents no end of a script by an exception, and `sys.exit(0)` is one.
    """
    if code:
        sys.exit(code)


if __name__ == "__main__":
    console()
