"""Splits S3 URIs, and lists and deletes the objects below a prefix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef, ObjectTypeDef

_SCHEME = "s3://"


@dataclass(frozen=True)
class S3Uri:
    """A bucket and a key, or the beginning of keys. An empty key is the whole bucket."""

    bucket: str
    key: str = ""

    @classmethod
    def parse(cls, uri: str) -> S3Uri:
        """Splits `s3://bucket/key`. Raises ValueError for any other text."""
        bucket, _, key = uri.removeprefix(_SCHEME).partition("/")
        if not uri.startswith(_SCHEME) or not bucket:
            raise ValueError(f"{uri!r} is not an S3 URI; it must look like s3://bucket/key")
        return cls(bucket, key)

    def __str__(self) -> str:
        return f"{_SCHEME}{self.path}"

    @property
    def path(self) -> str:
        """`bucket/key`, as Arrow names an object."""
        return f"{self.bucket}/{self.key}" if self.key else self.bucket

    @property
    def folder(self) -> S3Uri:
        """The prefix of the objects in this folder. Its key ends in one slash, so `a` excludes `ab`."""
        return replace(self, key=f"{self.key.rstrip('/')}/" if self.key else "")

    def child(self, name: str) -> S3Uri:
        """The object or folder `name` inside this folder."""
        return replace(self, key=self.folder.key + name)


def list_objects(s3: S3Client, prefix: S3Uri) -> Iterator[ObjectTypeDef]:
    """Every object whose key begins with `prefix.key`, in key order, page by page."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=prefix.bucket, Prefix=prefix.key):
        yield from page.get("Contents", ())


def list_keys(s3: S3Client, prefix: S3Uri) -> Iterator[str]:
    """Every key that begins with `prefix.key`, in order."""
    return (item["Key"] for item in list_objects(s3, prefix))


def delete_prefix(s3: S3Client, prefix: S3Uri) -> None:
    """Deletes every object whose key begins with `prefix.key`, one request for each page of the listing."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=prefix.bucket, Prefix=prefix.key):
        objects: list[ObjectIdentifierTypeDef] = [{"Key": item["Key"]} for item in page.get("Contents", ())]
        if objects:
            s3.delete_objects(Bucket=prefix.bucket, Delete={"Objects": objects, "Quiet": True})
