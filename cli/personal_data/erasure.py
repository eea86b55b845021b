"""Erases a person from every layer, the quarantine and the landing files, and from old versions of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.personal_data import delta_rows, files, positions
from cli.personal_data.subject import Subject
from cli.personal_data.subject_tables import SubjectTable, published_to
from glue_jobs.s3 import S3Uri
from glue_jobs.state.lease import lease
from lakehouse.environments import Environment, names, prefixes
from lakehouse.environments.names import Zone
from lakehouse.pipelines import Job

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_READABLE = ("json_lines", "csv")


@dataclass(frozen=True)
class Erasure:
    """One person, the tables that may hold rows of theirs, and the jobs that read these tables."""

    env: Environment
    s3: S3Client
    subject: Subject
    tables: list[SubjectTable]
    jobs: list[Job]
    run_id: str

    def find(self) -> dict[str, int]:
        """Place → rows of the person, of every place that holds some."""
        return self._each(erase=False)

    def erase(self) -> dict[str, int]:
        """Deletes them, place by place, and gives what went. Started again, it goes on with what is left.

        Raises RunError: RUN020 where a run holds a table, RUN529 where a reader lags behind.
        """
        return self._each(erase=True)

    def left(self) -> dict[str, str]:
        """Place → why this command does not reach it."""
        reasons: dict[str, str] = {}
        for of in self.tables:
            if of.contract.lake.store == "postgres":
                reasons[f"lakebase {of.table}"] = "delete its rows there"
            for warehouse in published_to(self.jobs, of.table):
                reasons[f"{warehouse} {of.table}"] = "delete its rows there"
            source = of.contract.lake.source
            if of.landing and source and source.format not in _READABLE:
                reasons[f"landing {of.landing}"] = f"files of format {source.format} are not rewritten"
            if source and source.kind != "landing":
                reasons[f"source {source.kind} {source.object}"] = "it would send the person again"
        if self.env.stack.recovery.model_dump():
            reasons["second region and backups"] = "they keep what was copied until it expires"
        return reasons

    def _each(self, *, erase: bool) -> dict[str, int]:
        rows: dict[str, int] = {}
        for of in self.tables:
            for place, number in (
                (f"table {of.table}", self._table(of, erase=erase)),
                (f"quarantine {of.table}", self._quarantine(of, erase=erase)),
                (f"landing {of.landing}", self._landing(of, erase=erase)),
            ):
                if number:
                    rows[place] = number
        return rows

    def _table(self, of: SubjectTable, *, erase: bool) -> int:
        if of.contract.lake.store != "delta":
            return 0
        table = delta_rows.open_table(self.env, of.table)
        if table is None:
            return 0
        condition = delta_rows.predicate(of.contract, of.column, self.subject)
        if not erase:
            return delta_rows.count(table, condition)
        uri = names.table_uri(self.env, of.table)
        with lease(self.env, of.table, self.run_id) as held:
            table.update_incremental()
            positions.check_readers(self.env, self.jobs, of.table)
            held.check()
            rows = delta_rows.erase(self.s3, table, uri, condition)
            positions.move_readers(self.env, self.jobs, of.table, table.version())
        files.delete_older_versions(self.s3, S3Uri.parse(uri).folder)
        return rows

    def _quarantine(self, of: SubjectTable, *, erase: bool) -> int:
        folder = S3Uri(names.bucket(self.env, Zone.QUARANTINE), prefixes.quarantine(of.table)).folder
        names_of = of.source_names
        rewritten = files.rewrite(self.s3, folder, "json_lines", self.subject, names_of, dry_run=not erase)
        rows = sum(file.rows for file in rewritten)
        if erase:
            files.delete_older_versions(self.s3, folder)
        return rows

    def _landing(self, of: SubjectTable, *, erase: bool) -> int:
        source = of.contract.lake.source
        if of.landing is None or source is None or source.format not in _READABLE:
            return 0
        folder = S3Uri(names.bucket(self.env, Zone.LANDING), of.landing)
        arguments = (self.s3, folder, source.format, self.subject, of.source_names)
        if not erase:
            return sum(file.rows for file in files.rewrite(*arguments, dry_run=True))
        rows = 0
        with lease(self.env, of.table, self.run_id):
            positions.check_landing(self.env, of.contract)
            for file in files.rewrite(*arguments, dry_run=False):
                positions.note_rewritten(self.env, of.contract, file)
                rows += file.rows
        files.delete_older_versions(self.s3, folder)
        return rows
