"""`lakehouse dr check`: what the second region holds, before anybody goes on from it.

It only reads. docs/runbooks/dr-restore.md says when.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote

import typer

from cli.common import EnvName, Json, live_environment, print_rows, unknown
from cli.recovery.marks import marks_behind, watermarks_of
from cli.tables.storage import storage_options
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone

dr = typer.Typer(help="The second region.", no_args_is_help=True)

_COMMIT = re.compile(r"_delta_log/(\d{20})\.json$")
# Checksums and checkpoints too bear the number of their commit.
_LOGGED = re.compile(r"_delta_log/(\d{20})\.")


@dataclass(frozen=True)
class Copy:
    """One table in the second region.

    `newest`: the last commit that arrived. `complete`: the last one of which every file did, None if there is
    none. `stray`: the log has files of a later commit that did not arrive, such as its checksum: readers
    refuse such a log.
    """

    table: str
    newest: int | None
    complete: int | None
    missing: int
    batches: dict[str, int]
    stray: bool = False

    @property
    def whole(self) -> bool:
        return self.newest == self.complete and not self.stray

    @property
    def verdict(self) -> str:
        return (
            "empty"
            if self.newest is None and not self.stray
            else "whole"
            if self.whole
            else "CUT IT"
            if self.complete is not None or self.newest is None
            else "LOST"
        )


@dr.command("check")
def check(
    env: EnvName,
    table: Annotated[
        list[str] | None, typer.Option(help="<layer>.<table>; all of them when left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show for each copy of a table the newest version whose files have all arrived.

    Watermarks that are behind that version are listed too. Exit code 1 when a copy is not whole. In a local
    world without the stack there is no second region, and nothing to check.
    """
    from lakehouse.contracts import load_schemas

    # The Lakebase is restored from its backup: PostgreSQL knows what is whole.
    tables = sorted(load_schemas().on_lake)
    for name in table or []:
        if name not in tables:
            raise unknown("table", name, tables)
    first = live_environment(env)
    # The same names and keys, asked of the other region.
    second = first.model_copy(update={"region": first.replica_region})
    if not _copied(first, second, [Zone(name.split(".")[0]) for name in table or tables]):
        return
    marks = watermarks_of(second)
    copies = [look_at(second, name, marks) for name in table or tables]
    rows = [[c.table, c.newest, c.complete, c.missing, c.verdict] for c in copies]
    print_rows("copies", ["table", "newest", "complete", "files missing", "verdict"], rows, as_json=as_json)
    behind = list(marks_behind(marks, (copy.batches for copy in copies)))
    if behind and not as_json:
        print_rows("watermarks to raise", ["key", "batch", "batch in the table"], behind, as_json=False)
    if behind or not all(c.whole for c in copies):
        raise typer.Exit(1)


def _copied(first: Environment, second: Environment, zones: Sequence[Zone]) -> bool:
    """Whether the second region has the zones' buckets; a local world without the stack has none.

    Raises RunError (RUN609) for a real environment, and for one that has only some.
    """
    from botocore.exceptions import ClientError

    from glue_jobs.aws import clients
    from glue_jobs.errors import RunError

    missing: list[str] = []
    buckets = [names.replica_bucket(second, zone) for zone in dict.fromkeys(zones)]
    for bucket in buckets:
        try:
            clients(second).s3.head_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
                raise
            missing.append(bucket)
    if not missing:
        return True
    if first.overlay is None or len(missing) < len(buckets):
        raise RunError(
            f"{second.region} has no bucket {', '.join(missing)}: nothing is copied there; "
            f"`lakehouse deploy --env {first.name}` makes it",
            code="RUN609",
        )
    typer.echo(
        f"nothing is copied: the stack is not deployed in '{first.name}', so {second.region} has no bucket",
        err=True,
    )
    return False


def look_at(env: Environment, table: str, marks: Collection[str]) -> Copy:
    """S3 copies in any order, so a commit can be there before its files, and before the commit that it
    follows. `marks`: keys of watermarks.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    zone = Zone(table.split(".")[0])
    bucket = names.replica_bucket(env, zone)
    keys = list(_keys(env, bucket, f"{table.split('.')[1]}/"))
    arrived = {_plain(f"s3://{bucket}/{key}") for key in keys}
    commits = sorted((int(m[1]) for key in keys if (m := _COMMIT.search(key))), reverse=True)
    logged = max((int(m[1]) for key in keys if (m := _LOGGED.search(key))), default=-1)
    missing = 0
    for version in commits:
        try:
            copy = DeltaTable(
                names.replica_table_uri(env, table), version=version, storage_options=storage_options(env)
            )
            lacking = [uri for uri in copy.file_uris() if _plain(uri) not in arrived]
        except (DeltaError, OSError):
            # A commit before it, or its checkpoint, is missing.
            continue
        if not lacking:
            numbers = {key: copy.transaction_version(key) for key in marks}
            return Copy(
                table,
                commits[0],
                version,
                missing,
                {key: number for key, number in numbers.items() if number is not None},
                stray=logged > version,
            )
        missing = missing or len(lacking)
    return Copy(table, commits[0] if commits else None, None, missing, {}, stray=logged >= 0)


def _keys(env: Environment, bucket: str, prefix: str) -> Iterator[str]:
    from glue_jobs.aws import clients
    from glue_jobs.s3 import S3Uri, list_keys

    return list_keys(clients(env).s3, S3Uri(bucket, prefix))


def _plain(uri: str) -> str:
    """Delta's log encodes what is in a partition's name, and S3's key may hold it encoded already."""
    while (decoded := unquote(uri)) != uri:
        uri = decoded
    return uri
