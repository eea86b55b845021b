"""Exports of tables in the second region: what one holds, and which there are.

`_exports/<id>/` of a zone's copy holds the files of its tables. That of gold holds `plan.json`, written
first, and `manifest.json`, written last: an export without a manifest is unfinished.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from cli.recovery.region import Region
from cli.tables.versions import moment_of
from glue_jobs.errors import RunError
from glue_jobs.s3 import S3Uri
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone

PREFIX = "_exports"
PLAN, MANIFEST = "plan.json", "manifest.json"
# Beside the exports: the logs and watermarks of before each restore.
UNDO = "undo"


@dataclass(frozen=True)
class ExportedFile:
    """A file of a table: its key below the table's folder as S3 has it, its bytes, and S3's checksum of them.

    `etag`: that of the original, to see whether it is still the same.
    """

    key: str
    size: int
    etag: str
    sha256: str = ""


@dataclass(frozen=True)
class ExportedTable:
    """A table at one version. `id`: Delta's own. `rows`: by the log's statistics; None without them."""

    version: int
    id: str
    rows: int | None
    files: list[ExportedFile]


@dataclass(frozen=True)
class Export:
    """A set of tables of one instant, `at`, with the watermarks that are not ahead of them."""

    id: str
    env: str
    at: str
    actor: str
    tables: dict[str, ExportedTable]
    watermarks: list[dict[str, Any]]
    catalog: dict[str, Any] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(file.size for table in self.tables.values() for file in table.files)

    def to_json(self) -> str:
        """With a digest of all the rest, so that a damaged manifest shows."""
        facts = asdict(self)
        return json.dumps({**facts, "digest": _digest(facts)}, ensure_ascii=False)

    @classmethod
    def parse(cls, text: str) -> Export:
        """Raises ValueError for a text that is no export, or was changed."""
        facts = json.loads(text)
        digest = facts.pop("digest", None)
        if digest != _digest(facts):
            raise ValueError("its digest is another one")
        tables = {
            name: ExportedTable(**{**table, "files": [ExportedFile(**f) for f in table["files"]]})
            for name, table in facts.pop("tables").items()
        }
        return cls(tables=tables, **facts)


def _digest(facts: dict[str, Any]) -> str:
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def export_folder(env: Environment, export_id: str, table: str) -> S3Uri:
    """The folder of a table's files in an export."""
    layer, name = table.split(".")
    return S3Uri(names.replica_bucket(env, Zone(layer)), f"{PREFIX}/{export_id}/{name}/")


def export_file(env: Environment, export_id: str, name: str) -> S3Uri:
    """A file that describes an export."""
    return S3Uri(names.replica_bucket(env, Zone.GOLD), f"{PREFIX}/{export_id}/{name}")


def write_text(region: Region, file: S3Uri, text: str) -> None:
    """Puts a text; S3 refuses it when it arrives changed."""
    region.s3.put_object(Bucket=file.bucket, Key=file.key, Body=text.encode(), ChecksumAlgorithm="SHA256")


def read_text(region: Region, file: S3Uri) -> str | None:
    """The text of a file; None where there is none."""
    try:
        return region.s3.get_object(Bucket=file.bucket, Key=file.key)["Body"].read().decode()
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "NoSuchBucket", "404"):
            raise
        return None


def export_ids(region: Region) -> Iterator[str]:
    """The ids of all exports, the newest first: they begin with the moment."""
    bucket = names.replica_bucket(region.env, Zone.GOLD)
    pages = region.s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"{PREFIX}/", Delimiter="/"
    )
    try:
        ids = [p["Prefix"].split("/")[1] for page in pages for p in page.get("CommonPrefixes", ())]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
        return iter(())
    return iter(sorted((name for name in ids if name != UNDO), reverse=True))


def read_export(region: Region, export_id: str, name: str = MANIFEST) -> Export | None:
    """An export by its manifest or plan; None without it. Raises RunError (RUN653) for a damaged one."""
    file = export_file(region.env, export_id, name)
    text = read_text(region, file)
    if text is None:
        return None
    try:
        return Export.parse(text)
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"{file} is damaged: {error}", code="RUN653") from None


def find_export(region: Region, export_id: str | None, at: str | None = None) -> Export:
    """A finished export: that of an id, else the newest one that is not younger than `at`.

    Raises RunError (RUN654) when there is none.
    """
    moment = moment_of(at) if at else None
    for candidate in [export_id] if export_id else export_ids(region):
        export = read_export(region, str(candidate))
        if export and (moment is None or datetime.fromisoformat(export.at) <= moment):
            return export
    which = f"'{export_id}'" if export_id else f"of {at or 'any time'}"
    raise RunError(
        f"{region.env.region} has no finished export {which}; `lakehouse dr list --env {region.env.name}` "
        "lists them",
        code="RUN654",
    )


def exports_of(env: Environment, tables: Sequence[str]) -> Iterator[str]:
    """The ids of exports, unfinished ones too, that hold one of these tables."""
    second = Region.second(env)
    for export_id in export_ids(second):
        export = read_export(second, export_id, PLAN)
        if export is not None and set(tables) & set(export.tables):
            yield export_id
