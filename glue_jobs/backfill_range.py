"""The Spark entry point `backfill_range`: past days of jobs again, in the Spark of this process.

`lakehouse backfill` does the same with deployed jobs, by the plan of lakehouse/pipelines/backfill.py.
"""

from __future__ import annotations

import argparse
import getpass
import sys
import uuid
from collections.abc import Sequence

from glue_jobs.errors import RunError
from glue_jobs.params import UsageError
from glue_jobs.run import end_process, exit_code, yesterday
from lakehouse.environments import Environment
from lakehouse.pipelines import Job
from lakehouse.pipelines.backfill import BackfillError, BackfillWindow, Step, steps, window_of
from lakehouse.reading.days import day_of


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 when every run succeeded, 2 when arguments or facts are wrong, 1 when a run failed."""
    return exit_code(lambda: _backfill(_parser().parse_args(argv)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="backfill_range",
        description="Read the source rows of past days again, and carry them on through silver and gold. "
        "Started again with the same --id, it goes on where it was.",
    )
    parser.add_argument("--env", required=True, help="the environment, as lakehouse.yml names it")
    parser.add_argument("--from", dest="first", default="", metavar="DAY", help="the first day")
    parser.add_argument("--to", dest="last", default="", metavar="DAY", help="the last day")
    parser.add_argument("--as-of-date", default="", metavar="DAY", help="tables as known at its end")
    parser.add_argument("--table", action="append", default=[], help="a table, for --as-of-date")
    parser.add_argument("--keep-days", type=int, default=30, help="until a state of --as-of-date expires")
    parser.add_argument("--job", action="append", default=[], help="a job; may be given several times")
    parser.add_argument("--pipeline", action="append", default=[], help="all batch jobs of a pipeline")
    parser.add_argument("--at-once", action="store_true", help="one run of each job, for the last day")
    parser.add_argument("--id", default="", help="the id of a backfill to go on with")
    parser.add_argument("--dry-run", action="store_true", help="only show the runs")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _backfill(args: argparse.Namespace) -> None:
    from glue_jobs.aws import require_up
    from glue_jobs.observability import logs
    from lakehouse.environments import load_environment
    from lakehouse.pipelines import jobs_in
    from lakehouse.pipelines.graph import ordered

    env = load_environment(args.env)
    if args.as_of_date or args.table:
        _write_states(env, args)
        return
    # Each job comes after those that it depends on.
    jobs = ordered(jobs_in(env))
    words = [*args.job, *args.pipeline]
    params = {"from": args.first, "to": args.last, "jobs": words, "at_once": args.at_once}
    try:
        planned = steps(params, jobs, yesterday())
    except BackfillError as error:
        raise UsageError(str(error)) from None
    window = window_of(params, args.id or f"b-{uuid.uuid4().hex[:10]}")
    if BackfillWindow.parse(str(window)) is None:
        raise UsageError(f"--id '{args.id}': wanted 4 to 40 lower-case letters, digits and dashes")
    for number, step in enumerate(planned, start=1):
        print(f"{number} of {len(planned)}: {' '.join((step.job, *step.arguments(window).values()))}")
    if args.dry_run or not (args.yes or _agreed(len(planned), env)):
        print("nothing was done")
        return
    require_up(env)
    logs.configure(env)
    _run(env, planned, window, {job.name: job for job in jobs})
    print(f"backfill {window.id} is done")


def _write_states(env: Environment, args: argparse.Namespace) -> None:
    from glue_jobs.aws import require_up
    from glue_jobs.backfill_as_of import AsOfRequest, target_of, write_as_of
    from glue_jobs.session import spark_session
    from lakehouse.contracts import load_schemas

    schemas, day = load_schemas(), day_of(args.as_of_date)
    unknown = [table for table in args.table if table not in schemas.on_lake]
    if day is None or unknown or not args.table:
        raise UsageError(f"--as-of-date '{args.as_of_date}' --table {args.table}: wanted a day and tables")
    for table in args.table:
        print(f"{table} as of {day} into {target_of(schemas, table)}")
    if args.dry_run or not (args.yes or _agreed(len(args.table), env)):
        print("nothing was done")
        return
    request = AsOfRequest(args.table, day, args.keep_days, getpass.getuser())
    for table, rows in write_as_of(require_up(env), schemas, spark_session(env), request).items():
        print(f"{table}: {rows} rows")


def _agreed(runs: int, env: Environment) -> bool:
    """Whether a person agrees; where nobody can be asked, --yes is wanted."""
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here: give --yes, or --dry-run to see the runs")
    return input(f"Run {runs} runs in {env.name}? [y/N]: ").strip().lower() in ("y", "yes")


def _run(env: Environment, planned: Sequence[Step], window: BackfillWindow, jobs: dict[str, Job]) -> None:
    from glue_jobs.run_request import RunRequest
    from glue_jobs.runner import run_job
    from glue_jobs.session import spark_session
    from lakehouse.contracts import load_schemas

    schemas, spark = load_schemas(), spark_session(env)
    for number, step in enumerate(planned, start=1):
        print(f"{number} of {len(planned)}: {step.job} for {step.day}")
        request = RunRequest(jobs[step.job], step.day, window=window if step.reads_source else None)
        try:
            run_job(env, schemas, spark, request)
        except RunError:
            print(f"stopped; go on with --id {window.id}", file=sys.stderr)
            raise


def console() -> None:
    end_process(main())


if __name__ == "__main__":
    console()
