"""The one script that Glue, the CLI and a person run: finds the job, opens its run, calls it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, timedelta

from glue_jobs.errors import RunError
from glue_jobs.observability.redact import redact
from glue_jobs.params import UsageError, parse
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector, FaultsError, nearest

USAGE, FAILED = 2, 1


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 when the run succeeded, 2 when arguments or facts are wrong, 1 when the run failed."""
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except FaultsError as error:
        print(error, file=sys.stderr)
        return USAGE
    except UsageError as error:
        print(error, file=sys.stderr)
        return USAGE
    except RunError as error:
        print(redact(str(error)), file=sys.stderr)
        return FAILED


def _run(argv: list[str]) -> int:
    args = parse(argv)
    # Facts first: a wrong one is said in a tenth of a second, before Spark takes its four.
    from glue_jobs.aws import require_up
    from glue_jobs.observability import logs
    from lakehouse.contracts import load_schemas
    from lakehouse.environments import load_environment
    from lakehouse.pipelines import load_pipelines
    from lakehouse.pipelines.job_checks import check_job

    env = load_environment(args.env, config=args.config)
    jobs = {j.name: j for p in load_pipelines().values() for j in p.jobs}
    if args.job not in jobs:
        near = nearest(args.job, jobs)
        hint = f"; did you mean '{near}'?" if near else f"; there are {', '.join(jobs)}"
        raise UsageError(f"unknown job '{args.job}'{hint}")
    if not jobs[args.job].runs_in(env):
        raise UsageError(
            f"job '{args.job}' does not run in {env.name}, only in {', '.join(jobs[args.job].environments)}"
        )
    schemas = load_schemas()
    faults = Collector(project_root())
    check_job(jobs[args.job], schemas.contracts, schemas.contracts, faults)
    faults.raise_if_any()
    require_up(env)
    logs.configure(env)

    from glue_jobs.runner import RunRequest, run_job
    from glue_jobs.session import spark_session

    request = RunRequest(jobs[args.job], args.run_date or yesterday(), args.params)
    run_job(env, schemas, spark_session(env), request)
    return 0


def yesterday() -> date:
    """The logical date of a run that names none: the last day that is over in UTC."""
    from datetime import UTC, datetime

    return datetime.now(UTC).date() - timedelta(days=1)


def console() -> None:
    sys.exit(main())


if __name__ == "__main__":
    console()
