"""The person's rows in the lake: in Delta tables, in the quarantine of rows and files, in landing files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cli.personal_data import delta_rows, files, positions
from cli.personal_data.scope import ROWS, Left, Scope
from cli.personal_data.subject_tables import SubjectTable
from glue_jobs.s3 import S3Uri, delete_prefix
from glue_jobs.sources.csv_header import positional_names
from glue_jobs.state.lease import lease
from glue_jobs.tables.quarantined_files import DECISION, FACTS
from lakehouse.contracts import Contract
from lakehouse.contracts.file_forms import CsvForm, TextForm
from lakehouse.environments import names, prefixes
from lakehouse.environments.names import Zone


@dataclass
class TableRows:
    """Rows of a Delta table, with its old versions, its change feed and its log."""

    scope: Scope
    of: SubjectTable
    unit: str = ROWS

    @property
    def name(self) -> str:
        return f"table {self.of.table}"

    @property
    def _condition(self) -> str:
        return delta_rows.predicate(self.of.contract, self.of.column, self.scope.subject_in(self.of))

    def count(self) -> int:
        table = delta_rows.open_table(self.scope.env, self.of.table)
        return 0 if table is None else delta_rows.count(table, self._condition)

    def erase(self) -> int:
        scope, of = self.scope, self.of
        table = delta_rows.open_table(scope.env, of.table)
        if table is None:
            return 0
        uri, condition = names.table_uri(scope.env, of.table), self._condition
        with lease(scope.env, of.table, scope.run_id) as guard:
            table.update_incremental()
            positions.check_readers(scope.env, scope.jobs, of.table)
            guard.check()
            rows = delta_rows.erase(scope.s3, table, uri, condition)
            positions.move_readers(scope.env, scope.jobs, of.table, table.version())
        # What a rewind that was killed has left of the table.
        delete_prefix(scope.s3, S3Uri.parse(names.rewind_uri(scope.env, of.table)).folder)
        locked = of.contract.layer == Zone.GOLD and scope.env.stack.retention.gold_lock_days > 0
        files.delete_older_versions(scope.s3, S3Uri.parse(uri).folder, locked=locked)
        return rows

    def left(self) -> dict[str, Left]:
        return {}


@dataclass
class _Files:
    """Files of one table. Those that cannot be rewritten are left, or deleted whole where the caller says."""

    scope: Scope
    of: SubjectTable
    unit: str = ROWS
    _left: dict[str, Left] = field(default_factory=dict)
    _deleted: list[str] = field(default_factory=list)

    def left(self) -> dict[str, Left]:
        return dict(self._left)

    def _scan(
        self,
        keys: list[str],
        bucket: str,
        form: str,
        days: int,
        note: Callable[[files.Rewritten], None] | None,
    ) -> int:
        """Counts the person's rows of the files, and rewrites these when `note` is given."""
        scope, rows = self.scope, 0
        subject, written = scope.subject_in(self.of), _written(self.of.contract)
        self._left = {}
        names_of = self.of.source_names
        for file, data in files.rewrite(scope.s3, keys, bucket, form, subject, names_of, written):
            rows += file.rows
            if file.fault:
                self._unreadable(bucket, file, days, erase=note is not None)
            elif note is not None:
                note(replace(file, after=files.store(scope.s3, bucket, file.key, data)))
        return rows

    def _unreadable(self, bucket: str, file: files.Rewritten, days: int, *, erase: bool) -> None:
        uri = f"s3://{bucket}/{file.key}"
        if self.scope.delete_files and erase:
            self.scope.s3.delete_object(Bucket=bucket, Key=file.key)
            self._left[uri] = Left(f"{file.fault}, and may have held the person: deleted whole")
            return
        expires = (file.modified + timedelta(days=days)).date().isoformat()
        self._left[uri] = Left(f"{file.fault}, and may hold the person; --delete-files deletes it", expires)


def _written(contract: Contract) -> TextForm:
    """How the files of the source are written, with the names of columns that stand by their position."""
    form = contract.lake.source.text_form if contract.lake.source else CsvForm()
    names = positional_names(contract) if isinstance(form, CsvForm) else ()
    return form.model_copy(update={"columns": list(names)}) if names else form


@dataclass
class QuarantineRows(_Files):
    """Rejected rows of a table, and landing files of it that nobody could read."""

    @property
    def name(self) -> str:
        return f"quarantine {self.of.table}"

    def count(self) -> int:
        return self._both(None)

    def erase(self) -> int:
        rows = self._both(lambda file: None)
        files.delete_older_versions(self.scope.s3, self._folder)
        return rows

    @property
    def _folder(self) -> S3Uri:
        return S3Uri(names.bucket(self.scope.env, Zone.QUARANTINE), prefixes.quarantine(self.of.table)).folder

    def _both(self, note: Callable[[files.Rewritten], None] | None) -> int:
        folder, source = self._folder, self.of.contract.lake.source
        days = self.scope.env.stack.retention.error_lane_days
        whole = S3Uri(folder.bucket, prefixes.quarantined_files(self.of.table)).folder.key
        keys = files.keys_below(self.scope.s3, folder)
        rejected = [key for key in keys if not key.startswith(whole)]
        unread = [
            key for key in keys if key.startswith(whole) and not key.endswith((f"/{FACTS}", f"/{DECISION}"))
        ]
        rows = self._scan(rejected, folder.bucket, "json_lines", days, note)
        left = self._left
        if unread:
            rows += self._scan(unread, folder.bucket, source.format if source else "rows", days, note)
        self._left = left | self._left
        return rows


@dataclass
class LandingRows(_Files):
    """Rows of a table's landing files."""

    @property
    def name(self) -> str:
        return f"landing {self.of.landing}"

    def count(self) -> int:
        return self._all(None)

    def erase(self) -> int:
        env, contract = self.scope.env, self.of.contract
        with lease(env, self.of.table, self.scope.run_id):
            positions.check_landing(env, contract)
            rows = self._all(lambda file: positions.note_rewritten(env, contract, file))
        files.delete_older_versions(self.scope.s3, self._folder)
        return rows

    @property
    def _folder(self) -> S3Uri:
        return S3Uri(names.bucket(self.scope.env, Zone.LANDING), str(self.of.landing))

    def _all(self, note: Callable[[files.Rewritten], None] | None) -> int:
        source = self.of.contract.lake.source
        keys = files.keys_below(self.scope.s3, self._folder)
        days = self.scope.env.stack.retention.landing_days
        return self._scan(keys, self._folder.bucket, source.format if source else "rows", days, note)


def lake_places(scope: Scope, of: SubjectTable) -> Iterator[TableRows | QuarantineRows | LandingRows]:
    """The places of one table in the lake."""
    if of.contract.lake.store == "delta":
        yield TableRows(scope, of)
        # States of the table that somebody asked for, in a table of its own.
        states = replace(of.contract, table=names.as_of_table(of.table))
        yield TableRows(scope, replace(of, contract=states))
    yield QuarantineRows(scope, of)
    if of.landing is not None:
        yield LandingRows(scope, of)


def in_days(days: int) -> str:
    """The day so many days after today, UTC, in ISO 8601."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()
