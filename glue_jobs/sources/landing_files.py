"""Lists the files of a landing prefix: `<prefix>/dt=YYYY-MM-DD/…`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from glue_jobs.s3 import S3Uri, list_objects
from glue_jobs.sources.landing_position import LandingFile
from glue_jobs.sources.source import SourceError
from lakehouse.reading.days import day_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

UNFINISHED = (".tmp", "._COPYING_")
_DAY = re.compile(r"(?:^|/)dt=([^/]*)/")


def landing_files(s3: S3Client, prefix: S3Uri, table: str) -> Iterator[LandingFile]:
    """The finished files below `prefix`, whose key ends in a slash. `table`: how errors begin.

    Names that begin with `_` or `.`, or end in `.tmp` or `._COPYING_`, are unfinished uploads and are
    skipped, as is the mark of a folder. Raises SourceError (RUN105) for a folder whose date is none.
    """
    for item in list_objects(s3, prefix):
        key = item["Key"]
        parts = key.removeprefix(prefix.key).split("/")
        # An empty object whose name ends in a slash stands for a folder.
        if not any(map(is_unfinished, parts)) and (parts[-1] or item["Size"]):
            day = _day(key, prefix.bucket, table)
            yield LandingFile(key, day, item["LastModified"], item["ETag"].strip('"'), item["Size"])


def is_unfinished(name: str) -> bool:
    """Whether a name of a file or folder says that its upload has not ended."""
    return name.endswith(UNFINISHED) or name.startswith(("_", "."))


def _day(key: str, bucket: str, table: str) -> date:
    folder = _DAY.search(key)
    if folder is None:
        return date.min
    day = day_of(folder[1])
    if day is None:
        raise SourceError(
            f"{table}: s3://{bucket}/{key} is in a folder without a valid date; rename it to dt=YYYY-MM-DD",
            code="RUN105",
        )
    return day
