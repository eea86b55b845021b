"""The jobs of one `lakehouse run`: how each stands, on the screen and in the log of the run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

from glue_jobs.state.run_row import Counts
from lakehouse.environments import Environment
from lakehouse.pipelines import Job
from lakehouse.project import Project

MARKS = {"waiting": "·", "running": "…", "done": "✓", "failed": "✗", "skipped": "–"}


@dataclass
class Outcome:
    """State of one job of the run. `cost` is what Glue takes for it, in US dollars.

    `tables` are done. `unchanged`: tables without news, each with the time of its last batch. `detail` is the
    last word of a deployed run: its state, or the last line of its log.
    """

    job: str
    status: str = "waiting"
    counts: dict[str, Counts] = field(default_factory=dict)
    seconds: float = 0.0
    cost: float = 0.0
    error: str = ""
    warnings: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    unchanged: dict[str, str] = field(default_factory=dict)
    detail: str = ""

    @property
    def succeeded(self) -> bool:
        return self.status == "done"

    @property
    def shown(self) -> str:
        """The status for people: a job that found no news for any table is `unchanged`."""
        all_unchanged = self.unchanged and self.unchanged.keys() == self.counts.keys()
        return "unchanged" if self.succeeded and all_unchanged else self.status

    def unchanged_lines(self) -> list[str]:
        """Which tables have no news, and since when: one line for those of one minute."""
        by_minute: dict[str, list[str]] = {}
        for table, since in self.unchanged.items():
            by_minute.setdefault(since[:16].replace("T", " "), []).append(table)
        return [f"{', '.join(tables)}: unchanged since {since}" for since, tables in by_minute.items()]

    def totals(self) -> list[int]:
        return [
            sum(getattr(c, n) for c in self.counts.values())
            for n in ("rows_in", "written", "quarantined", "deduplicated")
        ]


def screen(outcomes: Mapping[str, Outcome]) -> Table:
    """A line for each job: its state, its time, and how far it is."""
    table = Table(box=None, show_header=False, padding=(0, 1))
    for o in outcomes.values():
        tables = ", ".join(t.split(".")[1] for t in o.tables)
        seconds = f"{o.seconds:.1f} s" if o.seconds else ""
        table.add_row(MARKS[o.status], o.job, o.shown, seconds, tables or o.detail)
    return table


def log_file(env: Environment) -> Path:
    """The new file for the log of a run: in LAKEHOUSE_LOGS, or in the project's `.local/logs`."""
    folder = Path(os.environ.get("LAKEHOUSE_LOGS") or Project.find().local / "logs")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"run-{env.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}.jsonl"


def within(jobs: list[Job]) -> list[Job]:
    """The jobs with only those dependencies that are run here; the others are taken to have run."""
    names = {j.name for j in jobs}
    return [replace(j, depends_on=tuple(d for d in j.depends_on if d in names)) for j in jobs]
