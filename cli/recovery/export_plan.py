"""Plans an export: the version of each table at one instant, and the files that it needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from cli.operations.audit import actor
from cli.recovery.exports import Export, ExportedFile, ExportedTable
from cli.recovery.region import Region, decoded, relative_files
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import Environment, names

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectTypeDef

_COMMIT = re.compile(r"_delta_log/(\d{20})\.")
_CATALOG_FIELDS = ("Name", "Description", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters")


def plan_export(env: Environment, tables: Sequence[str]) -> Export:
    """Names the version of each table at one instant, and the files that it needs.

    Watermarks are read before the versions: a table may be ahead of its watermark, whose rows are then read
    again, and never behind it. Raises RunError (RUN655) for a table that lacks files already.
    """
    watermarks = [asdict(state) for state in Watermarks(env).list()]
    at, region = datetime.now(UTC), Region.first(env)
    exported = {
        table: exported_table
        for table in tables
        if (exported_table := _table(region, table, _oldest_read(watermarks, table))) is not None
    }
    export_id = f"{at:%Y%m%dt%H%M%S}-{at.microsecond:06d}"
    return Export(
        export_id, env.name, at.isoformat(), actor(env), exported, watermarks, _catalog(env, list(exported))
    )


def _oldest_read(watermarks: Sequence[Mapping[str, Any]], table: str) -> int | None:
    """The oldest version of a table up to which somebody has read it: its changes since are read later."""
    positions = [w[part] for w in watermarks for part in ("position", "pending")]
    versions = [p[table] for p in positions if isinstance(p, dict) and isinstance(p.get(table), dict)]
    return min((int(v["version"]) for v in versions if "version" in v), default=None)


def _table(region: Region, table: str, since: int | None) -> ExportedTable | None:
    from deltalake.exceptions import TableNotFoundError

    try:
        delta = region.open(table)
    except TableNotFoundError:
        return None
    version, objects = delta.version(), region.objects(table)
    needed = dict.fromkeys(relative_files(region, table, delta))
    missing = [key for key in needed if key not in objects]
    if missing:
        raise RunError(
            f"{table} lacks {len(missing)} files of its version {version}, such as {missing[0]}: an export "
            "would hold the damage; restore the table first",
            code="RUN655",
        )
    log = [key for key in objects if (m := _COMMIT.match(key)) and int(m[1]) <= version]
    unread = _unread(region, table, objects, (version if since is None else since, version))
    keys = [*needed, *(key for key in unread if key in objects and key not in needed), *sorted(log)]
    prefix = len(region.folder(table).key)
    items = [objects[key] for key in keys]
    files = [ExportedFile(item["Key"][prefix:], item["Size"], item["ETag"]) for item in items]
    return ExportedTable(version, str(delta.metadata().id), row_count(delta), files)


def _unread(
    region: Region, table: str, objects: Mapping[str, ObjectTypeDef], versions: tuple[int, int]
) -> Iterator[str]:
    """Files that commits since+1 to until added or removed: a reader asks them for what changed."""
    folder = region.folder(table)
    for number in range(versions[0] + 1, versions[1] + 1):
        item = objects.get(f"_delta_log/{number:020}.json")
        if item is None:
            continue
        body = region.s3.get_object(Bucket=folder.bucket, Key=item["Key"])["Body"].read()
        for action in map(json.loads, body.splitlines()):
            for kind in ("add", "remove", "cdc"):
                if kind in action:
                    yield decoded(action[kind]["path"])


def row_count(delta: Any) -> int | None:
    """The rows of a version by its statistics; None when a file has none."""
    from pyarrow import table

    numbers = table(delta.get_add_actions(flatten=True)).column("num_records").to_pylist()
    return None if None in numbers else sum(numbers)


def _catalog(env: Environment, tables: Sequence[str]) -> dict[str, Any]:
    """The catalog's entries of the tables, as far as it has any."""
    entries: dict[str, Any] = {}
    for table in tables:
        layer, name = table.split(".")
        try:
            entry = clients(env).glue.get_table(DatabaseName=names.database(env, layer), Name=name)["Table"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityNotFoundException":
                raise
            continue
        entries[table] = {key: value for key, value in entry.items() if key in _CATALOG_FIELDS}
    return entries
