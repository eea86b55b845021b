"""Puts a table of an export where jobs read it: its files first, then its log, so that it can be killed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.recovery.exports import Export, ExportedFile, ExportedTable, export_folder
from cli.recovery.region import Region, relative_files
from glue_jobs.errors import RunError
from glue_jobs.s3 import S3Uri, delete_prefix, list_keys

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

LOG = "_delta_log/"
# Beside a log that is kept: all of it is there.
KEPT = "_kept"
_NUMBER = re.compile(r"(\d{20})\.")
_THREADS = 16


@dataclass(frozen=True)
class TableRestore:
    """A table of an export, the region that takes it, and the folder that keeps the log of before."""

    target: Region
    table: str
    exported: ExportedTable
    source: S3Uri
    aside: S3Uri

    @classmethod
    def of(cls, target: Region, table: str, export: Export, undo: str) -> TableRestore:
        source, aside = export_folder(target.env, export.id, table), export_folder(target.env, undo, table)
        return cls(target, table, export.tables[table], source, aside)

    def missing(self) -> list[ExportedFile]:
        """The files of the version that the target lacks or has with other bytes, without the log's."""
        folder = self.target.folder(self.table)
        objects = {item["Key"][len(folder.key) :]: item for item in self.target.objects(self.table).values()}
        return [
            file
            for file in self.exported.files
            if not file.key.startswith(LOG)
            and (
                file.key not in objects
                or (objects[file.key]["Size"], objects[file.key]["ETag"]) != (file.size, file.etag)
            )
        ]

    def execute(self) -> None:
        """Restores, and checks what was restored. Raises RunError (RUN657) when it is not the version."""
        self._copy(file.key for file in self.missing())
        self._keep_log()
        # Without its newest commits the table is an older state of itself, and never a mixture.
        delete_log(self.target, self.table)
        log = sorted(f.key for f in self.exported.files if f.key.startswith(LOG))
        self._copy(log)
        delta = self.target.open(self.table)
        objects = self.target.objects(self.table)
        lacking = [key for key in relative_files(self.target, self.table, delta) if key not in objects]
        if delta.version() != self.exported.version or lacking:
            raise RunError(
                f"{self.table} is at version {delta.version()} after its restore and lacks {len(lacking)} "
                f"files: wanted version {self.exported.version}; run `lakehouse dr verify`",
                code="RUN657",
            )

    def _copy(self, keys: Iterable[str]) -> None:
        folder, s3 = self.target.folder(self.table), self.target.s3

        def copy(key: str) -> None:
            source: CopySourceTypeDef = {"Bucket": self.source.bucket, "Key": self.source.key + key}
            s3.copy_object(Bucket=folder.bucket, Key=folder.key + key, CopySource=source)

        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(copy, keys))

    def _keep_log(self) -> None:
        """Keeps the log of before, unless a run that was killed has kept it."""
        if not is_kept(self.target, self.aside):
            copy_log(self.target, self.target.folder(self.table), self.aside)
            self.target.s3.put_object(Bucket=self.aside.bucket, Key=self.aside.key + KEPT, Body=b"")


def undo_log(target: Region, table: str, aside: S3Uri) -> None:
    """Puts the log of before a restore back; a table without one did not exist, and does not again.

    A table that the restore has not reached stays as it is.
    """
    if is_kept(target, aside):
        delete_log(target, table)
        copy_log(target, aside, target.folder(table))


def is_kept(target: Region, aside: S3Uri) -> bool:
    """Whether the whole log of before a restore is in its folder."""
    marker = S3Uri(aside.bucket, aside.key + KEPT)
    return next(list_keys(target.s3, marker), None) is not None


def copy_log(target: Region, source: S3Uri, to: S3Uri) -> None:
    """Copies the log of a folder into another, the oldest commit first."""
    for key in sorted(list_keys(target.s3, S3Uri(source.bucket, source.key + LOG))):
        copied: CopySourceTypeDef = {"Bucket": source.bucket, "Key": key}
        name = key[len(source.key) :]
        target.s3.copy_object(Bucket=to.bucket, Key=to.key + name, CopySource=copied)


def delete_log(target: Region, table: str, after: int = -1) -> None:
    """Deletes the commits after a version, the newest first; S3 keeps deleted versions of objects."""
    folder, s3 = target.folder(table), target.s3
    log = S3Uri(folder.bucket, folder.key + LOG)
    # It may point to a checkpoint that goes; without it the log is listed.
    delete_prefix(s3, log.child("_last_checkpoint"))
    numbered = {key: _NUMBER.search(key[len(log.key) :]) for key in list_keys(s3, log)}
    newer = [key for key, number in numbered.items() if number and int(number[1]) > after]
    for key in sorted(newer, reverse=True):
        s3.delete_object(Bucket=log.bucket, Key=key)
