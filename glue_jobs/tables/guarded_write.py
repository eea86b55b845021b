"""Asks a guard while a write runs, and stops the write when the guard raises.

Delta commits at the end of a write and offers no step before it, so asking once at the beginning would be
long before the commit of a large write. The jobs of a write whose lease is lost are cancelled: it has then
nothing to commit.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession

from glue_jobs.errors import RunError, first_line

log = logging.getLogger(__name__)

# A lease lasts minutes; a write that ends earlier is asked once, at its beginning.
SECONDS = 2.0
_CANCEL_SECONDS = 0.1


@contextmanager
def guarded(spark: SparkSession, guard: Callable[[], None], seconds: float = SECONDS) -> Iterator[None]:
    """Calls `guard` before the block and every few seconds of it.

    Raises what the guard raises, in place of the error of the write that this stopped.
    """
    guard()
    context, tag, ended = spark.sparkContext, f"guarded-{uuid.uuid4()}", threading.Event()
    raised: list[RunError] = []

    def watch() -> None:
        while not ended.wait(seconds):
            try:
                guard()
            except RunError as error:
                raised.append(error)
                break
            except Exception as error:  # the guard has no answer for the moment, and is asked again
                log.warning("the guard of a write could not be asked: %s", first_line(error))
        # A write has jobs one after another, and between two of them there is none to cancel.
        while raised and not ended.is_set():
            context.cancelJobsWithTag(tag)
            ended.wait(_CANCEL_SECONDS)

    watcher = threading.Thread(
        target=contextvars.copy_context().run, args=(watch,), name="write-guard", daemon=True
    )
    context.addJobTag(tag)
    watcher.start()
    try:
        yield
    except Exception as error:
        if raised:
            raise raised[0] from error
        raise
    finally:
        ended.set()
        watcher.join(seconds)
        context.removeJobTag(tag)
