"""Deletes the rows of a person from a Delta table, with everything that still holds them: the files of older
versions, the change feed, and the entries of the log.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cli.personal_data.scope import Scope
from cli.personal_data.subject import Subject
from cli.personal_data.subject_tables import SubjectTable
from cli.tables.storage import storage_options
from glue_jobs.errors import RunError
from glue_jobs.s3 import S3Uri, list_keys
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, names

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from mypy_boto3_s3 import S3Client

_WHOLE = re.compile(r"(tiny|small|big)?int")
# Operations after which a reader has nothing new to read.
_WITHOUT_NEWS = frozenset(["DELETE", "VACUUM START", "VACUUM END", "OPTIMIZE"])
_LOGGED = re.compile(r"_delta_log/(\d{20})\.(json|crc|checkpoint\S*)$")


def open_table(env: Environment, table: str) -> DeltaTable | None:
    """The table at its newest version; None where there is none."""
    return open_at(env, names.table_uri(env, table))


def open_at(env: Environment, uri: str) -> DeltaTable | None:
    """The same by its place."""
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    try:
        return DeltaTable(uri, storage_options=storage_options(env))
    except TableNotFoundError:
        return None


def typed_value(of: SubjectTable, scope: Scope) -> int | str:
    """The person's value as the table's column holds it.

    Raises RunError (RUN528) for a value that the column cannot hold.
    """
    return _typed(of.contract, of.column, scope.subject_in(of))


def predicate(contract: Contract, column: str, subject: Subject) -> str:
    """The SQL condition of the person's rows. Raises RunError (RUN528)."""
    value = _typed(contract, column, subject)
    if isinstance(value, int):
        return f"{column} = {value}"
    quoted = value.replace("'", "''")
    return f"{column} = '{quoted}'"


def _typed(contract: Contract, column: str, subject: Subject) -> int | str:
    kind, location = contract.by_name[column].type, f"{contract.table}.{column}"
    if _WHOLE.fullmatch(kind):
        if not re.fullmatch(r"-?\d{1,19}", subject.value):
            raise RunError(f"{location} is {kind}: the subject is no whole number", code="RUN528")
        return int(subject.value)
    if kind != "string":
        raise RunError(f"{location} is {kind}, which names no person", code="RUN528")
    return subject.value


def count(table: DeltaTable, condition: str) -> int:
    """The rows of the person in the newest version."""
    from deltalake import QueryBuilder

    builder = QueryBuilder().register("rows", table)
    rows = builder.execute(f"SELECT count(*) AS n FROM rows WHERE {condition}").read_all()
    return int(rows.column("n")[0].as_py())


def changes_since(s3: S3Client, uri: str, version: int) -> bool:
    """Whether rows came after `version`: by anything but an erasure and maintenance."""
    folder = S3Uri.parse(uri)
    for key in list_keys(s3, folder.child("_delta_log/")):
        entry = _LOGGED.search(key)
        if entry and entry[2] == "json" and int(entry[1]) > version:
            lines = s3.get_object(Bucket=folder.bucket, Key=key)["Body"].read().splitlines()
            commits = [json.loads(line) for line in lines if b'"commitInfo"' in line]
            if any(commit["commitInfo"].get("operation") not in _WITHOUT_NEWS for commit in commits):
                return True
    return False


def erase(s3: S3Client, table: DeltaTable, uri: str, condition: str) -> int:
    """Deletes the rows and whatever holds them; the rows that went. Hold the table's lease.

    No earlier version of the table can be read afterwards, and its change feed begins anew.
    """
    deleted = int(table.delete(condition)["num_deleted_rows"])
    _forget_versions(s3, table, uri)
    return deleted


def scrub(s3: S3Client, table: DeltaTable, uri: str, condition: str, column: str) -> int:
    """The same, but the rows stay and lose the value of one column."""
    changed = int(table.update(updates={column: "NULL"}, predicate=condition)["num_updated_rows"])
    _forget_versions(s3, table, uri)
    return changed


def _forget_versions(s3: S3Client, table: DeltaTable, uri: str) -> None:
    table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True)
    table.update_incremental()
    table.create_checkpoint()
    _forget_log(s3, S3Uri.parse(uri), table.version())


def _forget_log(s3: S3Client, folder: S3Uri, newest: int) -> None:
    """Deletes the entries before `newest`, of which there is a checkpoint: they name values."""
    for key in list(list_keys(s3, folder.child("_delta_log/"))):
        entry = _LOGGED.search(key)
        if entry and int(entry[1]) < newest:
            s3.delete_object(Bucket=folder.bucket, Key=key)
