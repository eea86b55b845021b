"""Reads the new files of a landing prefix: `<prefix>/dt=YYYY-MM-DD/…`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.s3 import S3Uri, list_objects
from glue_jobs.sources import landing_position, text
from glue_jobs.sources.columns import CORRUPT, POSITION, ColumnMapping, match_columns
from glue_jobs.sources.file_sampling import FileSampler
from glue_jobs.sources.files import lines, whole_files
from glue_jobs.sources.landing_position import LandingFile
from glue_jobs.sources.source import Extract, Position, SourceError
from lakehouse.contracts import SourcedContract
from lakehouse.environments import names
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Zone

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from glue_jobs.aws import Aws

_DAY = re.compile(r"(?:^|/)dt=([^/]*)/")


class Landing:
    """A landing prefix.

    Folders after the run's date wait; late and overwritten files in older folders are read.

    Names that begin with `_` or `.`, or end in `.tmp`, are unfinished uploads and are skipped. An empty file
    has no rows.
    """

    def __init__(self, contract: SourcedContract, env: Environment, spark: SparkSession, aws: Aws) -> None:
        self._contract, self._spark, self._aws = contract, spark, aws
        self._bucket = names.bucket(env, Zone.LANDING)
        self._prefix = contract.source.object.rstrip("/") + "/"
        self.label = f"s3://{self._bucket}/{self._prefix}"

    def plan(self, position: Position, run_date: date) -> Position:
        """After every new file of folders up to `run_date`."""
        return landing_position.advance(position, self._files(), run_date)

    def read(self, position: Position, until: Position) -> Extract:
        """The rows of the files between two positions. A json_document is one row with column `document`."""
        batch = landing_position.files_between(self._files(), position, until)
        files = [file for file in batch if file.size > 0]
        if self._contract.source.format == "json_document":
            return Extract(self._documents(files), text=True)
        if self._contract.source.format == "csv":
            return self._csv(files)
        return self._json_lines(files)

    def _documents(self, files: list[LandingFile]) -> DataFrame:
        contents = whole_files(self._spark, self._bucket, files)
        return contents.select(
            F.col("value").alias("document"),
            F.concat("key", F.lit(":1")).alias(POSITION),
            F.when(~F.col("utf8"), F.col("value")).alias(CORRUPT),
        )

    def _json_lines(self, files: list[LandingFile]) -> Extract:
        raw = lines(self._spark, self._bucket, files)
        mapping = self._match_keys(raw, files)
        rows = text.parse_json(raw, self._contract, mapping)
        return Extract(rows, text=True, extra_columns=mapping.extra, missing_columns=mapping.missing)

    def _match_keys(self, raw: DataFrame, files: list[LandingFile]) -> ColumnMapping:
        """Samples the files; reads the keys of every line only when the sample lacks a required column."""
        sampler = FileSampler(self._aws, self._bucket)
        try:
            return match_columns(self._contract, sampler.json_keys(files), self.label)
        except SourceError:
            keys, count = text.distinct_keys(raw)
            # A single line does not tell a changed source from a broken row, so the contract judges that row.
            if count <= 1:
                return ColumnMapping({}, (), ())
            return match_columns(self._contract, keys, self.label)

    def _csv(self, files: list[LandingFile]) -> Extract:
        """Each file begins with a header; files with different headers are parsed by their own."""
        headers = FileSampler(self._aws, self._bucket).csv_headers(files)
        by_header: dict[tuple[str, ...], list[LandingFile]] = defaultdict(list)
        for file in files:
            by_header[headers[file.key]].append(file)
        if not by_header:
            by_header[tuple(c.source_name for c in self._contract.columns)] = []
        frames, mapping = [], ColumnMapping({}, (), ())
        for header, group in by_header.items():
            mapping = match_columns(self._contract, header, self.label)
            raw = lines(self._spark, self._bucket, group, skip_first=True)
            frames.append(text.parse_csv(raw, self._contract, header, mapping))
        rows = reduce(DataFrame.unionByName, frames)
        return Extract(rows, text=True, extra_columns=mapping.extra, missing_columns=mapping.missing)

    def _files(self) -> Iterator[LandingFile]:
        for item in list_objects(self._aws.s3, S3Uri(self._bucket, self._prefix)):
            key = item["Key"]
            parts = key.removeprefix(self._prefix).split("/")
            unfinished = parts[-1].endswith(".tmp") or any(part.startswith(("_", ".")) for part in parts)
            if parts[-1] and not unfinished:
                etag = item["ETag"].strip('"')
                yield LandingFile(key, self._day(key), item["LastModified"], etag, item["Size"])

    def _day(self, key: str) -> date:
        folder = _DAY.search(key)
        if folder is None:
            return date.min
        try:
            return date.fromisoformat(folder[1])
        except ValueError:
            raise SourceError(
                f"{self._contract.table}: s3://{self._bucket}/{key} is in a folder without a valid date; "
                "rename it to dt=YYYY-MM-DD",
                code="RUN105",
            ) from None
