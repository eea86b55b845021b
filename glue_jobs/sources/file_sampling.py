"""Looks at the beginnings of a few files, to learn their columns without a pass over them."""

from __future__ import annotations

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from glue_jobs.sources.landing_position import File

if TYPE_CHECKING:
    from glue_jobs.aws import Aws

BYTES = 65_536
SAMPLE = 6


class Heads:
    def __init__(self, aws: Aws, bucket: str) -> None:
        self._aws = aws
        self._bucket = bucket

    def json_keys(self, files: list[File]) -> list[str]:
        """The keys of the whole JSON objects at the beginnings of up to six files, spread over all of them."""
        chosen = sorted(
            set(files[:: max(1, len(files) // SAMPLE)][:SAMPLE] + files[-1:]), key=lambda file: file.key
        )
        keys: dict[str, None] = {}
        for head in self._heads(chosen):
            for line in head.splitlines():
                keys.update(dict.fromkeys(_keys(line)))
        return list(keys)

    def csv_headers(self, files: list[File]) -> dict[str, tuple[str, ...]]:
        """The first line of every file, by its key."""
        heads = [head.lstrip("\ufeff").splitlines() for head in self._heads(files)]
        return {
            file.key: tuple(next(csv.reader(lines[:1]), ())) for file, lines in zip(files, heads, strict=True)
        }

    def _heads(self, files: list[File]) -> list[str]:
        def head(file: File) -> str:
            got = self._aws.s3.get_object(Bucket=self._bucket, Key=file.key, Range=f"bytes=0-{BYTES - 1}")
            return got["Body"].read().decode("utf-8", "replace")

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(head, files))


def _keys(line: str) -> list[str]:
    try:
        found = json.loads(line)
    except ValueError:
        return []
    return list(found) if isinstance(found, dict) else []
