"""The tables of one region: those that jobs write, or their copies in the second region."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cli.tables.storage import storage_options
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_objects
from lakehouse.environments import Environment, names

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef


@dataclass(frozen=True)
class Region:
    """`env` has the region's name; `is_copy`: the tables are the copies of the zones' buckets."""

    env: Environment
    is_copy: bool

    @classmethod
    def first(cls, env: Environment) -> Region:
        """Where the environment runs."""
        return cls(env, is_copy=False)

    @classmethod
    def second(cls, env: Environment) -> Region:
        """The same names and keys, asked of the other region."""
        return cls(env.model_copy(update={"region": env.replica_region}), is_copy=True)

    @property
    def s3(self) -> S3Client:
        return clients(self.env).s3

    def folder(self, table: str) -> S3Uri:
        """The folder of a table."""
        uri = names.replica_table_uri if self.is_copy else names.table_uri
        return S3Uri.parse(uri(self.env, table)).folder

    def objects(self, table: str) -> dict[str, ObjectTypeDef]:
        """Key below the table's folder, without any encoding → object. Lists the table once."""
        folder = self.folder(table)
        return {decoded(item["Key"][len(folder.key) :]): item for item in list_objects(self.s3, folder)}

    def open(self, table: str, version: int | None = None) -> DeltaTable:
        """The table by its log. Raises DeltaError or OSError for a log that is no table."""
        from deltalake import DeltaTable

        uri = str(self.folder(table)).rstrip("/")
        return DeltaTable(uri, version=version, storage_options=storage_options(self.env))


def decoded(text: str) -> str:
    """Delta's log encodes what is in a partition's name, and S3's key may hold it encoded already."""
    while (plain := unquote(text)) != text:
        text = plain
    return text


def relative_files(region: Region, table: str, delta: DeltaTable) -> Iterator[str]:
    """The keys of a version's files below the table's folder, without any encoding."""
    root = decoded(str(region.folder(table)))
    return (decoded(uri).removeprefix(root) for uri in delta.file_uris())
