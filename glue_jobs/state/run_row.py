"""One row of the audit: a run with its times, counts and error."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from glue_jobs.state.control_table import Item
from glue_jobs.state.process import process_ended
from lakehouse.environments.control import KEY


class Status(StrEnum):
    """The state of a run."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Counts:
    """Row counts of one table in one run. `quarantined_files`: landing files of which no row was read.

    `replayed` and `discarded` rows have left the quarantine: over all runs of a table, quarantined = open +
    replayed + discarded. Replayed rows are among `rows_in`. Files are counted apart.
    """

    rows_in: int = 0
    written: int = 0
    quarantined: int = 0
    deduplicated: int = 0
    quarantined_files: int = 0
    replayed: int = 0
    discarded: int = 0
    replayed_files: int = 0
    discarded_files: int = 0

    def __str__(self) -> str:
        return (
            f"{self.rows_in} in, {self.written} written, {self.quarantined} quarantined, "
            f"{self.deduplicated} deduplicated"
        )

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)))

    @property
    def balanced(self) -> bool:
        """Whether every row read was written, quarantined or deduplicated."""
        return self.rows_in == self.written + self.quarantined + self.deduplicated


@dataclass(frozen=True)
class RunRow:
    """One run. Times are ISO 8601 in UTC, to the millisecond; `run_date` is the logical date."""

    run_id: str
    job: str
    pipeline: str
    run_date: date
    batch_id: str = ""
    trace_id: str = ""
    status: Status = Status.RUNNING
    started_at: str = ""
    ended_at: str = ""
    # Start time plus the timeout of a run: a run that is still RUNNING after it is dead. Empty for a stream
    # that has no end: it lives for as long as it renews the lease `alive_by`.
    deadline: str = ""
    alive_by: str = ""
    process: str = ""
    tables: Mapping[str, Counts] = field(default_factory=dict)
    # Of a maintenance run: table → file counts and bytes, before and after.
    files: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    # Tables without news, each with the time of its last batch.
    unchanged: Mapping[str, str] = field(default_factory=dict)
    # What the run warned of and nothing stopped for.
    warnings: Sequence[str] = ()
    seconds: float = 0.0
    cost_estimate_usd: float = 0.0
    error_code: str = ""
    error: str = ""
    code_version: str = ""
    # The release that the run's code and facts are of: two content digests, empty on a laptop, and the git
    # commit.
    engine: str = ""
    bundle: str = ""
    commit: str = ""
    # Who gave a command or asked for a run; of a command, what it does, as plain JSON values.
    actor: str = ""
    action: Mapping[str, Any] = field(default_factory=dict)

    @property
    def all_unchanged(self) -> bool:
        """Whether the run found no news for any of its tables."""
        return bool(self.unchanged) and self.unchanged.keys() == self.tables.keys()

    def is_dead(self, at: datetime, holds_lease: Callable[[str, str], bool] | None = None) -> bool:
        """Whether a RUNNING row has no process any more or, on another machine, is past its deadline.

        `holds_lease(resource, run id)` decides of a stream that has no end.
        """
        if self.status is not Status.RUNNING:
            return False
        ended = process_ended(self.process)
        if ended is not None:
            return ended
        if self.alive_by:
            return holds_lease is not None and not holds_lease(self.alive_by, self.run_id)
        return at > datetime.fromisoformat(self.deadline)


def to_item(row: RunRow) -> Item:
    """The row as an item of the audit's table."""
    values = asdict(row)
    del values["run_id"]
    # Only rows that a person asked for have these, so that a release before them reads the rows of schedules.
    # As JSON text every value comes back unchanged.
    of_command = {"actor": values.pop("actor"), "action": values.pop("action")}
    if row.actor:
        values |= {**of_command, "action": json.dumps(of_command["action"], default=str)}
    return {
        **values,
        KEY: row.run_id,
        "kind": "run",
        "run_date": row.run_date.isoformat(),
        "status": str(row.status),
    }


def from_item(item: Item) -> RunRow:
    """The row of an item of the audit's table. Passes over what a later release adds to it."""
    names = {f.name for f in fields(RunRow)} - {"run_id"}
    values = {name: value for name, value in item.items() if name in names}
    values["run_date"] = date.fromisoformat(values["run_date"])
    values["status"] = Status(values["status"])
    values["warnings"] = tuple(values.get("warnings", ()))
    values["action"] = json.loads(values.get("action", "{}"))
    values["tables"] = {table: Counts(**counts) for table, counts in values["tables"].items()}
    return RunRow(run_id=item[KEY], **values)
