"""Reads one object of S3 at any place: the same object each time, or an error."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

from glue_jobs.aws import Aws
from glue_jobs.sources.source import SourceError
from lakehouse.environments.model import Aws as AwsFacts


def overwritten(bucket: str, key: str) -> SourceError:
    """The error of an object that another one has replaced while it was read."""
    return SourceError(
        f"s3://{bucket}/{key} was overwritten while it was read; start this run again", code="RUN203"
    )


@lru_cache(maxsize=4)
def s3_client(facts: AwsFacts, region: str | None) -> Any:
    """The client of S3 of this process."""
    return Aws(facts, region).s3


class ObjectReader(io.RawIOBase):
    """An object as a file that can be read at any place, by ranges."""

    def __init__(self, s3: Any, bucket: str, key: str, etag: str, size: int) -> None:
        super().__init__()
        self._s3, self._bucket, self._key, self._etag = s3, bucket, key, etag
        self._size, self._at = size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, begin + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        from botocore.exceptions import ClientError

        most = min(len(buffer), self._size - self._at)
        if most <= 0:
            return 0
        span = f"bytes={self._at}-{self._at + most - 1}"
        try:
            reply = self._s3.get_object(
                Bucket=self._bucket, Key=self._key, Range=span, IfMatch=f'"{self._etag}"'
            )
            chunk = reply["Body"].read()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("PreconditionFailed", "412"):
                raise overwritten(self._bucket, self._key) from None
            raise
        except Exception as error:
            raise SourceError(f"S3 stopped answering: {error}") from error
        buffer[: len(chunk)] = chunk
        self._at += len(chunk)
        return len(chunk)
