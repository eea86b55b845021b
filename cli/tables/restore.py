"""Brings a table back to an earlier version, by a commit that can be undone as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cli.operations.audit import actor
from cli.operations.undo import noted_version
from cli.tables.versions import Commit, commits, open_table
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.state.lease import lease
from glue_jobs.state.operations import audited
from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job

VERB = "table_restore"
# Beyond the seconds after which the lease of a dead run is free.
MORE_SECONDS = 5.0


@dataclass(frozen=True)
class RestorePlan:
    """A table, its newest version, and the version that is to be its state again."""

    env: Environment
    table: str
    newest: int
    version: int
    undone: tuple[Commit, ...]
    missing: int

    @classmethod
    def of(cls, env: Environment, table: str, version: int) -> RestorePlan:
        """Looks at the log and at the files that come back. Raises RunError (RUN201, RUN604)."""
        newest, old = open_table(env, table), open_table(env, table, version)
        back = set(old.file_uris()) - set(newest.file_uris())
        undone = tuple(commit for commit in commits(newest) if commit.version > version)
        return cls(env, table, newest.version(), version, undone, _missing(env, table, back))

    def execute(self) -> str:
        """Commits the restore; the run id of the audit row, by which it is undone.

        Raises RunError: RUN020 while a run writes the table, RUN605 when files are gone, RUN608 when the
        table was written since the plan was shown.
        """
        from deltalake import CommitProperties

        if self.missing:
            raise RunError(
                f"{self.missing} files of version {self.version} of {self.table} are deleted: maintenance "
                f"keeps them for {self.env.maintenance.retain_hours} h; bring the objects back in S3 first, "
                "docs/errors/RUN605.md",
                code="RUN605",
            )
        action = {"table": self.table, "before": self.newest, "after": self.version}
        wait = self.env.lease_seconds + MORE_SECONDS
        with (
            audited(self.env, VERB, action, by=actor(self.env)) as run_id,
            lease(self.env, self.table, run_id, wait_seconds=wait) as guard,
        ):
            table = open_table(self.env, self.table)
            if table.version() != self.newest:
                raise RunError(
                    f"{self.table} has been written since the plan was shown: it is at version "
                    f"{table.version()}; nothing was restored, start again",
                    code="RUN608",
                )
            guard.check()
            properties = CommitProperties(custom_metadata={"userMetadata": run_id})
            table.restore(self.version, commit_properties=properties)
        return run_id


def version_before(env: Environment, table: str, run_id: str) -> int:
    """The version before a restore. Raises RunError (RUN601) when that run restored no such table."""
    return noted_version(env, VERB, ("restored", "restores"), table, run_id)


def commands_after(env: Environment, jobs: list[Job], table: str) -> list[str]:
    """What brings back the rows that came since, if they are wanted: the position of the table's writer."""
    from lakehouse.contracts import load_schemas
    from lakehouse.pipelines.watermark_owners import watermark_owners

    owners = watermark_owners(jobs, load_schemas()).values()
    keys = [o.key for o in owners if o.table == table and (o.is_source or o.follows == "tables")]
    return [f"lakehouse watermark reset --env {env.name} {key} --beginning" for key in keys]


def _missing(env: Environment, table: str, uris: set[str]) -> int:
    """How many of these files are not in S3 any more. Lists the table once."""
    if not uris:
        return 0
    from urllib.parse import unquote

    root = S3Uri.parse(names.table_uri(env, table)).folder
    stored = {unquote(unquote(f"s3://{root.bucket}/{key}")) for key in list_keys(clients(env).s3, root)}
    return sum(unquote(unquote(uri)) not in stored for uri in uris)


def facts(plan: RestorePlan) -> list[tuple[str, Any]]:
    """(what, value) of all that a person is to know before agreeing."""
    rows = [commit.rows for commit in plan.undone]
    added, deleted = (sum(row[n] or 0 for row in rows) for n in (0, 1))
    writes = ", ".join(dict.fromkeys(commit.operation for commit in plan.undone))
    return [
        ("table", plan.table),
        ("is at version", plan.newest),
        ("will be as of version", plan.version),
        ("commits undone", f"{len(plan.undone)} ({writes})" if plan.undone else "none"),
        ("rows that they wrote", f"{added} written, {deleted} deleted, by their own counts"),
        ("files that are deleted", plan.missing),
    ]
