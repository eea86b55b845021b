"""Files that other systems drop into the landing zone: `<prefix>/dt=YYYY-MM-DD/…`, by what is new."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from glue_jobs.s3 import S3Uri, list_objects
from glue_jobs.sources import landing_position
from glue_jobs.sources.columns import CORRUPT, POSITION, Matched, match
from glue_jobs.sources.file_sampling import Heads
from glue_jobs.sources.landing_position import File
from glue_jobs.sources.source import Extract, Position, SourceError
from lakehouse.contracts import SourcedContract
from lakehouse.environments import names
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Zone

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from glue_jobs.aws import Aws

_DAY = re.compile(r"(?:^|/)dt=([^/]*)/")


class Landing:
    """A landing prefix. Folders after the run's date wait; late and overwritten files in older ones are read when they come.

    Names that begin with `_` or `.`, or end in `.tmp`, are somebody's unfinished work. A file of no bytes is read as no rows.
    """

    def __init__(self, contract: SourcedContract, env: Environment, spark: SparkSession, aws: Aws) -> None:
        self._contract, self._spark, self._aws = contract, spark, aws
        self._source = contract.source
        self._bucket = names.bucket(env, Zone.LANDING)
        self._prefix = self._source.object.rstrip("/") + "/"
        self.where = f"s3://{self._bucket}/{self._prefix}"

    def plan(self, position: Position, run_date: date) -> Position:
        return landing_position.advanced(position, self._files, run_date)

    def read(self, position: Position, until: Position) -> Extract:
        files = [file for file in landing_position.between(self._files, position, until) if file.size > 0]
        if self._source.format == "json_document":
            return Extract(self._documents(files), text=True)
        if self._source.format == "csv":
            return self._csv(files)
        return self._json_lines(files)

    def _documents(self, files: list[File]) -> DataFrame:
        """One row per file: `document`, its text."""
        from pyspark.sql import functions as F

        from glue_jobs.sources.files import whole_files

        text = whole_files(self._spark, self._bucket, files)
        bad = F.when(~F.col("utf8"), F.col("value"))
        return text.select(
            F.col("value").alias("document"), F.concat("key", F.lit(":1")).alias(POSITION), bad.alias(CORRUPT)
        )

    def _json_lines(self, files: list[File]) -> Extract:
        from glue_jobs.sources import text
        from glue_jobs.sources.files import lines

        raw = lines(self._spark, self._bucket, files)
        matched = self._matched_keys(raw, files)
        return Extract(
            text.json_rows(raw, self._contract, matched),
            text=True,
            extra_columns=matched.extra,
            missing_columns=matched.missing,
        )

    def _matched_keys(self, raw: DataFrame, files: list[File]) -> Matched:
        """The beginnings of a few files tell nearly always; only when a required column is in none of them is every line asked."""
        from glue_jobs.sources import text

        heads = Heads(self._aws, self._bucket)
        try:
            return match(self._contract, heads.json_keys(files), self.where)
        except SourceError:
            keys, count = text.all_keys(raw)
            # One line cannot tell a source that has changed from a row that is broken; the contract judges it.
            return match(self._contract, keys, self.where) if count > 1 else Matched({}, (), ())

    def _csv(self, files: list[File]) -> Extract:
        """Each file begins with the names of its columns; files of different columns are read by their own."""
        from glue_jobs.sources import text
        from glue_jobs.sources.files import lines

        headers = Heads(self._aws, self._bucket).csv_headers(files)
        alike: dict[tuple[str, ...], list[File]] = defaultdict(list)
        for file in files:
            alike[headers[file.key]].append(file)
        frames, known = [], Matched({}, (), ())
        for header, group in alike.items() or [(self._own_header, [])]:
            known = match(self._contract, header, self.where)
            frames.append(
                text.csv_rows(
                    lines(self._spark, self._bucket, group, skip_first=True), self._contract, header, known
                )
            )
        rows = frames[0]
        for frame in frames[1:]:
            rows = rows.unionByName(frame)
        return Extract(rows, text=True, extra_columns=known.extra, missing_columns=known.missing)

    @cached_property
    def _own_header(self) -> tuple[str, ...]:
        return tuple(c.source_name for c in self._contract.columns)

    @property
    def _files(self) -> Iterator[File]:
        for item in list_objects(self._aws.s3, S3Uri(self._bucket, self._prefix)):
            inside = item["Key"].removeprefix(self._prefix).split("/")
            if (
                inside[-1]
                and not inside[-1].endswith(".tmp")
                and not any(part.startswith(("_", ".")) for part in inside)
            ):
                yield File(
                    item["Key"],
                    self._day(item["Key"]),
                    item["LastModified"],
                    item["ETag"].strip('"'),
                    item["Size"],
                )

    def _day(self, key: str) -> date:
        found = _DAY.search(key)
        if found is None:
            return date.min
        try:
            return date.fromisoformat(found[1])
        except ValueError:
            raise SourceError(
                f"{self._contract.table}: s3://{self._bucket}/{key} is in a folder of no date; rename it to dt=YYYY-MM-DD",
                code="RUN105",
            ) from None
