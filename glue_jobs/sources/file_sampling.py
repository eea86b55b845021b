"""Reads the beginnings of a few landing files, to learn their columns without reading them whole."""

from __future__ import annotations

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from glue_jobs.sources.landing_position import LandingFile

if TYPE_CHECKING:
    from glue_jobs.aws import Aws

SAMPLE_BYTES = 65_536
SAMPLE_FILES = 6


class FileSampler:
    """Samples files of one bucket, at most `SAMPLE_BYTES` of each."""

    def __init__(self, aws: Aws, bucket: str) -> None:
        self._aws = aws
        self._bucket = bucket

    def json_keys(self, files: list[LandingFile]) -> list[str]:
        """The keys of the JSON objects at the beginnings of about six files, evenly spread."""
        spread = files[:: max(1, len(files) // SAMPLE_FILES)][:SAMPLE_FILES]
        sample = sorted({*spread, *files[-1:]}, key=lambda file: file.key)
        keys: dict[str, None] = {}
        for beginning in self._beginnings(sample):
            for line in beginning.splitlines():
                keys.update(dict.fromkeys(_keys(line)))
        return list(keys)

    def csv_headers(self, files: list[LandingFile]) -> dict[str, tuple[str, ...]]:
        """The fields of the first line of every file, by the file's key."""
        first_lines = [text.lstrip("\ufeff").splitlines()[:1] for text in self._beginnings(files)]
        return {
            file.key: tuple(next(csv.reader(lines), ()))
            for file, lines in zip(files, first_lines, strict=True)
        }

    def _beginnings(self, files: list[LandingFile]) -> list[str]:
        def read(file: LandingFile) -> str:
            reply = self._aws.s3.get_object(
                Bucket=self._bucket, Key=file.key, Range=f"bytes=0-{SAMPLE_BYTES - 1}"
            )
            return reply["Body"].read().decode("utf-8", "replace")

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(read, files))


def _keys(line: str) -> list[str]:
    try:
        document = json.loads(line)
    except ValueError:
        return []
    return list(document) if isinstance(document, dict) else []
