"""What the results of a table follow from, and what a gate remembers of a table that passed."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from glue_jobs.run_context import RunContext
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables import table_position
from lakehouse.pipelines.job_keys import table_watermark

# So long after the whole of a table was judged it is judged again, unless the job says otherwise.
FULL_EVERY_DAYS = 7
# All that the results of a table follow from: its version, those of the tables it refers to, its rules, the
# date.
State = dict[str, Any]


def state_of(run: RunContext, table: str) -> State:
    """The state of a table as it is now."""
    names = [table, *_referred(run, table)]
    positions = {t: table_position.current(run.session, run.uri(t)) for t in sorted({*names})}
    return {
        "versions": {t: position.version for t, position in positions.items()},
        "ids": {t: position.id for t, position in positions.items()},
        "rules": rules_hash(run, table),
        "run_date": run.run_date.isoformat(),
    }


def answers(run: RunContext, remembered: State | None, state: State) -> bool:
    """Whether what is remembered of a table says how it is in this state, so that it is not judged again.

    With the parameter `full` the whole of it must have been judged on this logical date.
    """
    if remembered is None or {k: remembered.get(k) for k in state} != state:
        return False
    return not run.params.get("full") or remembered.get("whole") == state["run_date"]


def passed_since(run: RunContext, table: str, state: State) -> State | None:
    """What a table passed in last, if only what changed since then is to be judged; None: the whole table.

    The whole table is judged by other rules, of a table that was made anew, with the parameter `full`, when
    whoever started the run asks for it, and when `full_every_days` have gone by.
    """
    passed = Watermarks(run.env).read(table_watermark(run.job, table)).position or {}
    ids, whole = passed.get("ids", {}), passed.get("whole")
    if (
        run.params.get("full")
        or table in run.force
        or passed.get("rules") != state["rules"]
        or ids != state["ids"]
        or not whole
    ):
        return None
    days = (run.run_date - date.fromisoformat(whole)).days
    is_due = not 0 <= days < int(run.params.get("full_every_days", FULL_EVERY_DAYS))
    newer = all(state["versions"][t] >= version for t, version in passed["versions"].items())
    if not newer or is_due:
        return None
    return {"versions": passed["versions"], "whole": whole, "extremes": passed.get("extremes", {})}


def rules_hash(run: RunContext, table: str) -> str:
    """A hash of the table's suite, and of which rows of other tables its references do not count."""
    flags = {t: run.contract(t).lake.delete_flag for t in _referred(run, table)}
    rules = run.schemas.suites[table].model_dump_json() + json.dumps(flags)
    return hashlib.sha256(rules.encode()).hexdigest()


def _referred(run: RunContext, table: str) -> list[str]:
    """The tables that rules of the table's suite refer to."""
    suite = run.schemas.suites[table]
    return sorted({str(e.kwargs["table"]) for e in suite.expectations if "table" in e.kwargs})
