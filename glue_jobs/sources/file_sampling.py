"""Reads the beginnings of landing files, to learn their columns and how each is to be read."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from glue_jobs.sources.csv_shape import is_open, is_valid
from glue_jobs.sources.file_text import compression, has_wide_characters
from glue_jobs.sources.json_keys import object_keys
from glue_jobs.sources.landing_position import LandingFile

if TYPE_CHECKING:
    from glue_jobs.aws import Aws

T = TypeVar("T")
SAMPLE_BYTES = 65_536
SAMPLE_FILES = 6
_LINE_END = re.compile("\r\n|\r|\n")


@dataclass(frozen=True)
class Beginning:
    """What the first bytes of a file tell. `streamed`: Spark's text reader does not read the file rightly.

    `header`: the cells of its first line, of CSV. `keys`: of the lines of the sample, of JSON.
    """

    streamed: bool
    header: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class FileSampler:
    """Samples files of one bucket, at most `SAMPLE_BYTES` of each."""

    def __init__(self, aws: Aws, bucket: str) -> None:
        self._aws = aws
        self._bucket = bucket

    def json_beginnings(self, files: list[LandingFile], large: int) -> dict[str, Beginning]:
        """Of about six files, evenly spread, and of each one above `large` bytes; by the file's key."""
        spread = files[:: max(1, len(files) // SAMPLE_FILES)][:SAMPLE_FILES]
        sample = {*spread, *files[-1:], *(file for file in files if file.size > large)}
        return self._beginnings(sample, _of_json)

    def csv_beginnings(self, files: list[LandingFile]) -> dict[str, Beginning]:
        """Of every file, by the file's key."""
        return self._beginnings(files, _of_csv)

    def beginnings(self, files: list[LandingFile]) -> dict[str, Beginning]:
        """Of every file, by the file's key: whether it is text as it stands."""
        return self._beginnings(files, _of_lines)

    def _beginnings(
        self, files: Iterable[LandingFile], judge: Callable[[LandingFile, bytes], Beginning]
    ) -> dict[str, Beginning]:
        def read(file: LandingFile) -> tuple[str, Beginning]:
            reply = self._aws.s3.get_object(
                Bucket=self._bucket, Key=file.key, Range=f"bytes=0-{SAMPLE_BYTES - 1}"
            )
            return file.key, judge(file, reply["Body"].read())

        with ThreadPoolExecutor(8) as pool:
            return dict(pool.map(read, sorted(files, key=lambda file: file.key)))


def is_compressed_or_wide(key: str, sample: bytes) -> bool:
    """Whether the bytes of a file are not its text in UTF-8."""
    return compression(key, sample) is not None or has_wide_characters(sample) or b"\0" in sample


def _of_lines(file: LandingFile, sample: bytes) -> Beginning:
    return Beginning(streamed=is_compressed_or_wide(file.key, sample))


def _of_json(file: LandingFile, sample: bytes) -> Beginning:
    if is_compressed_or_wide(file.key, sample):
        return Beginning(streamed=True)
    keys: dict[str, None] = {}
    for line in _LINE_END.split(sample.decode("utf-8", "replace").removeprefix("\ufeff")):
        keys.update(dict.fromkeys(object_keys(line)))
    return Beginning(streamed=False, keys=tuple(keys))


def _of_csv(file: LandingFile, sample: bytes) -> Beginning:
    if is_compressed_or_wide(file.key, sample):
        return Beginning(streamed=True)
    lines = _LINE_END.split(sample.decode("utf-8", "replace").removeprefix("\ufeff"))
    # The sample may cut its last line; a header that it cuts is not known.
    whole = lines if len(sample) >= file.size else lines[:-1]
    header = whole[0] if whole else ""
    plain = header.strip(" ") and "\ufffd" not in header and is_valid(header)
    # A line break inside quotes is found by the pass over all lines too, but only after it has begun.
    if not plain or any(map(is_open, whole)):
        return Beginning(streamed=True)
    return Beginning(streamed=False, header=tuple(next(csv.reader([header]))))
