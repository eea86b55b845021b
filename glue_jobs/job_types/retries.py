"""Tries the work of a job again, inside its run, after an error that may pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from glue_jobs.errors import first_line, may_pass
from glue_jobs.job_types.concurrency import run_concurrently
from glue_jobs.run_context import RunContext
from lakehouse.pipelines.retries import FIRST_WAIT, MAX_WAIT

T = TypeVar("T")


def run_tables(run: RunContext, act: Callable[[str], None], tables: Iterable[str]) -> None:
    """Calls `act` for every table, several at a time, and each as often as the job's procs allow."""
    run_concurrently(lambda table: try_again(run, partial(act, table), f"table {table}"), tables)


def try_again(run: RunContext, work: Callable[[], T], name: str) -> T:
    """Returns what `work` returns. Calls it again up to the job's `retry_count` while its error may pass.

    The waits double from FIRST_WAIT to MAX_WAIT seconds. The next try takes up a batch that was planned
    before the error, so no row is written twice. Raises the last error.
    """
    import stamina

    tries = run.job.retry_count + 1
    for attempt in stamina.retry_context(
        on=may_pass, attempts=tries, timeout=None, wait_initial=FIRST_WAIT, wait_max=MAX_WAIT
    ):
        with attempt:
            try:
                return work()
            except Exception as error:
                if may_pass(error) and attempt.num < tries:
                    fields = {"try": attempt.num, "tries": tries}
                    run.log.warning("%s failed and is tried again: %s", name, first_line(error), extra=fields)
                raise
    raise AssertionError("stamina tries at least once")
