"""The audit row of an operation that is no job's run: who did what, from when to when, and how it ended."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from glue_jobs.state.audit import Audit, Counts, RunRow
from lakehouse.environments import Environment

# In place of a pipeline, in the audit row of an operation.
PIPELINE = "operations"


@contextmanager
def audited(
    env: Environment,
    verb: str,
    action: Mapping[str, Any],
    *,
    by: str,
    run_date: date | None = None,
    alive_by: str = "",
    tables: Mapping[str, Counts] | None = None,
    run_id: str = "",
) -> Iterator[str]:
    """Gives the run id of a new audit row, which is closed when the block ends.

    `verb` is the command in one word, such as `watermark_reset`; `action` what it does, as plain JSON values;
    `by` who gave it. `alive_by`: the lease that the command renews while it lives. `tables`: rows by table,
    which the block may fill. `run_id`: where the caller has named the operation already.
    """
    run_id, began = run_id or str(uuid.uuid4()), time.monotonic()
    day = run_date or datetime.now(UTC).date()
    audit = Audit(env)
    row = RunRow(run_id, verb, PIPELINE, day, actor=by, action=dict(action), alive_by=alive_by)
    audit.start(row)
    try:
        yield run_id
    except BaseException as error:
        audit.fail(run_id, error, seconds=time.monotonic() - began)
        raise
    audit.finish(run_id, tables=tables or {}, seconds=time.monotonic() - began, cost_estimate_usd=0.0)
