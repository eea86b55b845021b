"""The copies of the person's files in the second region: S3 keeps them when the first region deletes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cli.personal_data.files import delete_versions
from cli.personal_data.scope import Left, Scope
from cli.personal_data.subject_tables import SubjectTable
from glue_jobs.aws import clients
from lakehouse.environments import names
from lakehouse.environments.names import REPLICATED, Zone

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef, ObjectVersionTypeDef


@dataclass
class Copies:
    """Copies below a prefix of a zone that are not the copy of what the first region holds now.

    S3 copies an object and the mark of its deletion, and never deletes a version of a copy.
    """

    scope: Scope
    zone: Zone
    prefix: str
    unit: str = "object versions"

    @property
    def name(self) -> str:
        return f"second region {self.zone}/{self.prefix}"

    def count(self) -> int:
        return sum(1 for _ in self._stale())

    def erase(self) -> int:
        locked = self.zone is Zone.GOLD and self.scope.env.stack.retention.gold_lock_days > 0
        return delete_versions(self._s3, self._bucket, self._stale(), locked=locked)

    def left(self) -> dict[str, Left]:
        return {}

    @cached_property
    def _s3(self) -> S3Client:
        env = self.scope.env
        return clients(env.model_copy(update={"region": env.replica_region})).s3

    @property
    def _bucket(self) -> str:
        return names.replica_bucket(self.scope.env, self.zone)

    def _stale(self) -> Iterator[ObjectIdentifierTypeDef]:
        try:
            pages = self._s3.get_paginator("list_object_versions").paginate(
                Bucket=self._bucket, Prefix=self.prefix
            )
            current = self._current()
            for page in pages:
                for version in page.get("Versions", []):
                    if not (version["IsLatest"] and _is_copy(version, current)):
                        yield {"Key": version["Key"], "VersionId": version["VersionId"]}
                for mark in page.get("DeleteMarkers", []):
                    # The mark over an object that the first region has is one that arrives late.
                    yield {"Key": mark["Key"], "VersionId": mark["VersionId"]}
        except self._s3.exceptions.NoSuchBucket:
            # An environment without a second region, such as one of this machine.
            return

    def _current(self) -> dict[str, tuple[str, str]]:
        """Key → (version, ETag) of what the first region holds."""
        pages = self.scope.s3.get_paginator("list_object_versions").paginate(
            Bucket=names.bucket(self.scope.env, self.zone), Prefix=self.prefix
        )
        versions = (version for page in pages for version in page.get("Versions", []))
        return {v["Key"]: (v["VersionId"], v["ETag"]) for v in versions if v["IsLatest"]}


def _is_copy(version: ObjectVersionTypeDef, current: dict[str, tuple[str, str]]) -> bool:
    """S3 gives a copy the version of its original; encrypted by another key, its ETag differs."""
    number, etag = current.get(version["Key"], ("", ""))
    return version["VersionId"] == number or version["ETag"] == etag


def copies(scope: Scope, of: SubjectTable) -> Iterator[Copies]:
    """The copies of a table and of its landing files."""
    if of.contract.lake.store == "delta" and Zone(of.contract.layer) in REPLICATED:
        yield Copies(scope, Zone(of.contract.layer), f"{of.contract.name}/")
        states = names.as_of_table(of.contract.table).split(".")[1]
        yield Copies(scope, Zone(of.contract.layer), f"{states}/")
    if of.landing is not None:
        yield Copies(scope, Zone.LANDING, of.landing)
