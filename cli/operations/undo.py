"""What an operation noted in its audit row, by which it is undone."""

from __future__ import annotations

from glue_jobs.errors import RunError
from glue_jobs.state.audit import Audit
from lakehouse.environments import Environment


def noted_version(env: Environment, verb: str, words: tuple[str, str], table: str, run_id: str) -> int:
    """The version of a table before the run of a verb; `words`: (restored, restores), for the error.

    Raises RunError (RUN601) when that run is of another verb or another table.
    """
    row = Audit(env).get(run_id)
    if row is None or row.job != verb or row.action.get("table") != table:
        past, runs = words
        raise RunError(
            f"run {run_id} has not {past} {table}; `lakehouse runs --env {env.name} --job {verb}` "
            f"lists {runs}",
            code="RUN601",
        )
    return int(row.action["before"])
