"""Restores tables of an export into a region, with their watermarks, by steps that can be killed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from cli.operations.audit import actor
from cli.recovery.exports import UNDO as UNDO_FOLDER
from cli.recovery.exports import Export, export_file, export_folder, read_text, write_text
from cli.recovery.region import Region
from cli.recovery.restore_log import TableRestore, undo_log
from cli.recovery.restore_watermarks import moves, set_watermark
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.state.lease import lease
from glue_jobs.state.operations import audited
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import names
from lakehouse.environments.names import Control
from lakehouse.pipelines import jobs_in

VERB, UNDO, DONE = "dr_restore", "undo.json", "done"
_MORE_SECONDS = 5.0


@dataclass(frozen=True)
class Restore:
    """Tables of an export, and the region that takes them.

    `name` is what it is undone by. A restore that was killed and is started again has the same one, so that
    its undo leads to before the first start.
    """

    target: Region
    export: Export
    tables: Sequence[str]
    name: str

    @classmethod
    def of(cls, target: Region, export: Export, tables: Sequence[str]) -> Restore:
        """A new restore, or the one of these tables that was killed."""
        facts = {"export": export.id, "tables": list(tables), "is_copy": target.is_copy}
        digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]
        number = 1
        while read_text(target, export_file(target.env, _undo(f"{digest}-{number}"), DONE)) is not None:
            number += 1
        return cls(target, export, tables, f"{digest}-{number}")

    def _steps(self) -> list[TableRestore]:
        undo = _undo(self.name)
        return [TableRestore.of(self.target, table, self.export, undo) for table in self.tables]

    def rows(self) -> list[list[object]]:
        """A row for each table: its version now, the one to come, and what is copied."""
        return [
            [step.table, _version(self.target, step.table), step.exported.version, *_sizes(step)]
            for step in self._steps()
        ]

    def execute(self) -> None:
        """Raises RunError: RUN020 while a run writes a table, RUN657 when a table is not what was exported,
        RUN658 where the region has no watermarks to set.
        """
        require_state(self.target)
        env = self.target.env
        action = {"export": self.export.id, "region": env.region, "tables": list(self.tables)}
        with audited(env, VERB, {**action, "undo": self.name}, by=actor(env)) as run_id:
            # Before anything changes: an undo, and a second start, know what there was.
            self._write_undo()
            for step in self._steps():
                with _lease(self.target, step.table, run_id):
                    step.execute()
            restored = {table: self.target.open(table) for table in self.tables}
            for move in list(moves(self.target, jobs_in(env), self.export, restored)):
                set_watermark(self.target, move.key, move.position, move.batch)
            for table in self.tables:
                _catalogue(self.target, table, self.export.catalog.get(table))
            write_text(self.target, export_file(env, _undo(self.name), DONE), run_id)

    def _write_undo(self) -> None:
        env = self.target.env
        file = export_file(env, _undo(self.name), UNDO)
        if read_text(self.target, file) is None:
            states = [asdict(state) for state in Watermarks(env).list()]
            facts = {"tables": list(self.tables), "is_copy": self.target.is_copy, "watermarks": states}
            write_text(self.target, file, json.dumps(facts))


def _undo(name: str) -> str:
    return f"{UNDO_FOLDER}/{name}"


def undo_restore(first: Region, second: Region, name: str) -> list[str]:
    """Takes a restore back: logs and watermarks as they were. The tables of it.

    Raises RunError (RUN601) when no restore has that name.
    """
    facts = read_undo(second, name)
    target = second if facts["is_copy"] else first
    env = target.env
    action = {"undone": name, "tables": facts["tables"]}
    with audited(env, f"{VERB}_undo", action, by=actor(env)) as new_run:
        for table in facts["tables"]:
            with _lease(target, table, new_run):
                undo_log(target, table, export_folder(env, _undo(name), table))
        for state in facts["watermarks"]:
            current = Watermarks(env).read(state["key"])
            set_watermark(target, state["key"], state["position"], max(state["batch"], current.batch))
    return list(facts["tables"])


def read_undo(second: Region, name: str) -> dict[str, Any]:
    """What a restore has noted before it began. Raises RunError (RUN601)."""
    text = read_text(second, export_file(second.env, _undo(name), UNDO))
    if text is None:
        raise RunError(
            f"no restore has the name '{name}'; `lakehouse runs --env {second.env.name} --job {VERB}` lists "
            "restores",
            code="RUN601",
        )
    facts: dict[str, Any] = json.loads(text)
    return facts


def _version(region: Region, table: str) -> int | None:
    from deltalake.exceptions import DeltaError

    try:
        return region.open(table).version()
    except (DeltaError, OSError):
        return None


def _sizes(step: TableRestore) -> tuple[int, str]:
    missing = step.missing()
    return len(missing), f"{sum(file.size for file in missing) / 1e6:,.1f} MB"


def require_state(region: Region) -> None:
    """Raises RunError (RUN658) in a region without the table of watermarks: its state comes first."""
    name = names.control_table(region.env, Control.WATERMARKS)
    try:
        clients(region.env).dynamodb.describe_table(TableName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        raise RunError(
            f"{region.env.region} has no table {name}: restore the state first, docs/runbooks/dr-restore.md",
            code="RUN658",
        ) from None


@contextmanager
def _lease(region: Region, table: str, run_id: str) -> Iterator[None]:
    """The right to write a table. Leases stay as they are: the fence goes on from their number."""
    env = region.env
    with lease(env, table, run_id, wait_seconds=env.lease_seconds + _MORE_SECONDS):
        yield


def _catalogue(region: Region, table: str, entry: dict[str, Any] | None) -> None:
    """Adds a table to the catalog of the region where it lacks it."""
    if entry is None:
        return
    layer = table.partition(".")[0]
    storage = {**entry.get("StorageDescriptor", {}), "Location": str(region.folder(table)).rstrip("/")}
    try:
        clients(region.env).glue.create_table(
            DatabaseName=names.database(region.env, layer),
            TableInput={**entry, "StorageDescriptor": storage},  # type: ignore[typeddict-item]
        )
    except ClientError as error:
        # A region without the database has no stack yet, whose deployment registers the table.
        if error.response["Error"]["Code"] not in ("AlreadyExistsException", "EntityNotFoundException"):
            raise
