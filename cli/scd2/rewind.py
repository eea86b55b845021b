"""Plans and does the rewind of a dimension: it is made again from an instant on, and facts with it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.operations.audit import actor
from cli.operations.audit_cost import usual_run
from cli.operations.undo import noted_version
from cli.run.commands import summary
from cli.run.execution import execute
from cli.tables.versions import open_table
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.run import yesterday
from glue_jobs.s3 import S3Uri, delete_prefix
from glue_jobs.state.lease import lease
from glue_jobs.state.operations import audited
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job, jobs_in
from lakehouse.pipelines.rewind import RewindRequest, RewindRoute, rewind_route

VERB = "scd2_rewind"
# Beyond the seconds after which the lease of a dead command is free.
_MORE_SECONDS = 5.0


@dataclass(frozen=True)
class RewindPlan:
    """A dimension, the source time from which it is made again, and the jobs that do it."""

    env: Environment
    table: str
    start: datetime
    route: RewindRoute
    newest: int
    versions: int
    dependents: tuple[str, ...]
    followers: tuple[str, ...]

    @classmethod
    def of(cls, env: Environment, table: str, start: datetime) -> RewindPlan:
        """Reads facts and the table's log. Raises RunError: RUN650 for another table, RUN201 for none."""
        jobs, contracts = jobs_in(env), load_schemas().contracts
        route = rewind_route(jobs, contracts, table)
        if route is None:
            raise RunError(
                f"{table} is no dimension that a job of {env.name} makes out of other tables: wanted a table "
                "whose contract says x-lake.write: scd2",
                code="RUN650",
            )
        job = route.steps[-1][0]
        dependents = tuple(t for t in job.writes if table in _looked_up(contracts[t].lake))
        changed = {table, *dependents}
        followers = tuple(j.name for j in jobs if j.name != job.name and changed & set(j.reads))
        stored = open_table(env, table)
        versions = _versions_since(stored, start)
        return cls(env, table, start, route, stored.version(), versions, dependents, followers)

    @property
    def job(self) -> Job:
        """The job that writes the dimension."""
        return self.route.steps[-1][0]

    @property
    def lease(self) -> str:
        """The right to rewind this dimension, for one command at a time."""
        return f"{VERB}.{self.table}"

    def facts(self) -> list[tuple[str, Any]]:
        """(what, value) of all that a person is to know before agreeing."""
        usual = [usual_run(self.env, job.name) for job, _ in self.route.steps]
        seconds, usd = sum(u.seconds or 0.0 for u in usual), sum(u.usd or 0.0 for u in usual)
        unknown = all(u.seconds is None for u in usual)
        cost = "the audit has no run to estimate by" if unknown else f"{seconds:.0f} s, {usd:.2f} USD"
        return [
            ("dimension", f"{self.table}, at version {self.newest}"),
            ("is made again from", f"{self.start.isoformat()} of source time; older versions stay"),
            ("out of all rows of", ", ".join(self.route.sources)),
            ("by the jobs", ", then ".join(f"{job.name} ({table})" for job, table in self.route.steps)),
            ("versions that may change", f"up to {self.versions}, by the files' statistics"),
            ("follow in the same run", ", ".join(self.dependents) or "no table"),
            ("follow with their next run", ", ".join(self.followers) or "no job"),
            ("usual runs of these jobs", cost),
        ]

    def execute(self, *, here: bool) -> str:
        """Rewinds; the run id of the audit row, by which it is undone. Killed, it is started again.

        Raises RunError: RUN652 when a job fails, RUN020 while the same dimension is rewound elsewhere.
        """
        action = {"table": self.table, "from": self.start.isoformat(), "before": self.newest}
        wait = self.env.lease_seconds + _MORE_SECONDS
        name = f"{self.table.partition('.')[2]}-{uuid.uuid4().hex[:10]}"
        with (
            audited(self.env, VERB, action, by=actor(self.env), alive_by=self.lease) as run_id,
            lease(self.env, self.lease, run_id, wait_seconds=wait) as guard,
            self._histories(),
        ):
            for job, table in self.route.steps:
                guard.check()
                self._run(job, str(RewindRequest(table, name, self.start)), here=here)
        return run_id

    def _run(self, job: Job, rewind: str, *, here: bool) -> None:
        outcomes = execute(self.env.name, [job], yesterday(), quiet=False, here=here, rewind=rewind)
        summary(outcomes, as_json=False)
        if not outcomes[0].succeeded:
            raise RunError(
                f"the rewind of {self.table} stopped: {job.name} {outcomes[0].status}: {outcomes[0].error}; "
                "mend it and start the same command again",
                code="RUN652",
            )

    @contextmanager
    def _histories(self) -> Iterator[None]:
        """Deletes the rows that jobs write for the rewind: what a killed one has left, and its own."""
        self._delete_histories()
        yield
        self._delete_histories()

    def _delete_histories(self) -> None:
        for _, table in self.route.steps[:-1]:
            folder = S3Uri.parse(names.rewind_uri(self.env, table, self.table.partition(".")[2]))
            delete_prefix(clients(self.env).s3, S3Uri(folder.bucket, f"{folder.key}-"))


def version_before(env: Environment, table: str, run_id: str) -> int:
    """The version before a rewind. Raises RunError (RUN601) when that run rewound no such table."""
    return noted_version(env, VERB, ("rewound", "rewinds"), table, run_id)


def _looked_up(lake: Any) -> set[str]:
    return {*lake.incremental_from, *(dependency.table for dependency in lake.depends_on)}


def _versions_since(stored: Any, start: datetime) -> int:
    """Rows of the files that may hold a version of `start` or later; all of a file without statistics."""
    from pyarrow import table

    rows = table(stored.get_add_actions(flatten=True)).to_pylist()
    ends = [(row.get("max.valid_since"), int(row.get("num_records") or 0)) for row in rows]
    return sum(n for end, n in ends if end is None or _aware(end, start) >= start)


def _aware(moment: Any, like: datetime) -> datetime:
    at = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    return at if at.tzinfo else at.replace(tzinfo=like.tzinfo)
