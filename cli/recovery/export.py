"""Exports a consistent set of tables into the second region, where no corruption of the first can follow."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cli.operations.audit import actor
from cli.recovery.exports import (
    MANIFEST,
    PLAN,
    Export,
    ExportedFile,
    ExportedTable,
    export_file,
    export_folder,
    write_text,
)
from cli.recovery.region import Region, decoded
from glue_jobs.errors import RunError
from glue_jobs.s3 import list_keys
from glue_jobs.state.lease import lease
from glue_jobs.state.operations import audited
from lakehouse.environments import Environment

if TYPE_CHECKING:
    pass

VERB = "dr_export"
# S3 copies inside itself; a thread only waits.
_THREADS = 16
_MORE_SECONDS = 5.0


@dataclass(frozen=True)
class Exporter:
    """Copies what a plan names. Killed, it is resumed: what has arrived is not copied again."""

    env: Environment
    export: Export

    def execute(self) -> Export:
        """The export with the checksums of its files.

        Raises RunError: RUN020 while another export runs, RUN656 when a file was deleted meanwhile.
        """
        second, export = Region.second(self.env), self.export
        action = {
            "export": export.id,
            "at": export.at,
            "tables": {t: e.version for t, e in export.tables.items()},
        }
        wait = self.env.lease_seconds + _MORE_SECONDS
        with (
            audited(self.env, VERB, action, by=actor(self.env), alive_by=VERB) as run_id,
            lease(self.env, VERB, run_id, wait_seconds=wait) as guard,
        ):
            write_text(second, export_file(self.env, export.id, PLAN), export.to_json())
            tables: dict[str, ExportedTable] = {}
            for name, table in export.tables.items():
                guard.check()
                tables[name] = replace(table, files=self._copy_table(second, name, table))
            done = replace(export, tables=tables)
            write_text(second, export_file(self.env, export.id, MANIFEST), done.to_json())
        return done

    def _copy_table(self, second: Region, name: str, table: ExportedTable) -> list[ExportedFile]:
        first, target = Region.first(self.env), export_folder(self.env, self.export.id, name)
        arrived = checksums(second, self.export.id, name) if self._is_resumed(second, name) else {}
        objects = first.objects(name)

        def copy(file: ExportedFile) -> ExportedFile:
            if file.key in arrived:
                return replace(file, sha256=arrived[file.key])
            if decoded(file.key) not in objects:
                raise RunError(f"{name}: {file.key} was deleted meanwhile; start a new export", code="RUN656")
            source = first.folder(name)
            result = second.s3.copy_object(
                Bucket=target.bucket,
                Key=target.child(file.key).key,
                CopySource={"Bucket": source.bucket, "Key": source.key + file.key},
                ChecksumAlgorithm="SHA256",
            )
            return replace(file, sha256=result["CopyObjectResult"]["ChecksumSHA256"])

        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(copy, table.files))

    def _is_resumed(self, second: Region, name: str) -> bool:
        folder = export_folder(self.env, self.export.id, name)
        return bool(
            second.s3.list_objects_v2(Bucket=folder.bucket, Prefix=folder.key, MaxKeys=1).get("KeyCount")
        )


def checksums(region: Region, export_id: str, table: str) -> dict[str, str]:
    """Key below the table's folder → the checksum that S3 keeps of it; empty for an object without one."""
    folder = export_folder(region.env, export_id, table)

    def checksum(key: str) -> tuple[str, str]:
        head = region.s3.head_object(Bucket=folder.bucket, Key=key, ChecksumMode="ENABLED")
        return key[len(folder.key) :], head.get("ChecksumSHA256", "")

    with ThreadPoolExecutor(_THREADS) as pool:
        return dict(pool.map(checksum, list_keys(region.s3, folder)))
