"""Plans the batches of a built table: how far each of its inputs is to be read, and in which form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glue_jobs.job_types import form
from glue_jobs.run_context import Json, RunContext
from glue_jobs.state.batch import FULL_REFRESH
from glue_jobs.tables import table_position
from lakehouse.contracts import Contract
from lakehouse.pipelines.job_keys import snapshot_watermark, table_watermark

# Key of a position: the job's parameters that a table of days was computed with.
ASKED = "asked"
# Each batch of these computes all of its rows, so a changed query makes a batch and leaves no old rows.
_COMPUTED_WHOLE = ("replace", "snapshot")


@dataclass(frozen=True)
class TransformPlan:
    """The inputs of a table; those that drive it; the digest of what makes it; the parameters asked for."""

    run: RunContext
    contract: Contract
    inputs: list[str]
    driving: list[str]
    form: str
    asked: dict[str, str]

    @property
    def key(self) -> str:
        """The watermark. Each day of a table of days has its own: it says nothing about another day."""
        run, table = self.run, self.contract.table
        if self.contract.lake.write == "snapshot":
            return snapshot_watermark(run.job, table, run.run_date)
        return table_watermark(run.job, table)

    def until(self, position: Json) -> Json:
        """The end of the next batch; `position` itself when there is nothing new."""
        run = self.run
        until: dict[str, Any] = {
            t: table_position.current(run.session, run.uri(t)).as_json() for t in self.inputs
        }
        if not self._others:
            until["contract"] = self.contract.lake.version
        if self.asked:
            until[ASKED] = self.asked
        if not self._is_stale(position, until):
            return position
        if self._makes_anew:
            until[FULL_REFRESH] = run.run_id
        anew = position is None or self._makes_anew or self._is_computed_whole
        until[form.MADE_BY] = form.forms_after(position, self.form, run.run_date, anew=anew)
        return until

    def is_void(self, until: Json) -> bool:
        """Whether an input of a planned batch was made anew, or is one of the function since then."""
        return any(self._is_gone(table, until.get(table)) for table in self._others)

    def warn_of_other_forms(self, position: Json) -> None:
        """Warns when the table has rows of another form than its query and contract make now."""
        run, table = self.run, self.contract.table
        since = form.other_form_since(position, self.form)
        if since and not self._is_computed_whole:
            run.warn(
                f"{table}: its query, function or contract changed since {since}; rows made before keep the "
                f"old form; `lakehouse run --env {run.env.name} --job {run.job.name} "
                f"--run-date {run.run_date} --full-refresh` makes the table anew"
            )

    def warn_of_history(self) -> None:
        """Warns when the run is to make a table anew whose history its inputs no longer have."""
        inputs = ", ".join(self._without_history)
        if self.run.makes_anew(self.contract.table) and inputs:
            self.run.warn(
                f"{self.contract.table} is not made anew: it keeps the versions of a key, and its input "
                f"{inputs} has only the newest one"
            )

    @property
    def _others(self) -> list[str]:
        """The inputs beside the table itself, which a query that is merged may read."""
        return [t for t in self.inputs if t != self.contract.table]

    @property
    def _makes_anew(self) -> bool:
        return self.run.makes_anew(self.contract.table) and not self._without_history

    @property
    def _without_history(self) -> list[str]:
        """The inputs of an SCD2 that do not hold the states that its versions follow from."""
        if self.contract.lake.write != "scd2":
            return []
        return [t for t in self.driving if self.run.contract(t).lake.write != "append"]

    @property
    def _is_computed_whole(self) -> bool:
        return self.contract.lake.write in _COMPUTED_WHOLE

    def _is_stale(self, position: Json, until: Json) -> bool:
        """Whether what drives the table, or what its rows look up, has changed; all is read at its newest."""
        if position is None or self._makes_anew:
            return True
        reformed = self._is_computed_whole and form.other_form_since(position, self.form)
        decisive = (*self.driving, *(d.table for d in self.contract.lake.depends_on))
        moved = (table_position.is_news(position.get(t), until.get(t)) for t in decisive)
        facts = "contract" in until and until["contract"] != position.get("contract")
        return bool(reformed) or facts or position.get(ASKED) != until.get(ASKED) or any(moved)

    def _is_gone(self, table: str, planned: Json) -> bool:
        position = table_position.parse(planned)
        current = table_position.current(self.run.session, self.run.uri(table))
        return position is None or not position.is_same_table(current)
