"""Reads the new files of a landing prefix: `<prefix>/dt=YYYY-MM-DD/…`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from glue_jobs.s3 import S3Uri
from glue_jobs.sources import landing_position
from glue_jobs.sources.columnar.columnar_files import ColumnarFiles
from glue_jobs.sources.landing_batch import LandingBatch
from glue_jobs.sources.landing_files import landing_files
from glue_jobs.sources.landing_position import LandingFile
from glue_jobs.sources.source import Extract, Position, soon
from lakehouse.contracts import SourcedContract
from lakehouse.contracts.source_document import COLUMNAR
from lakehouse.environments import names
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Zone

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from glue_jobs.aws import Aws


class Landing:
    """A landing prefix.

    Folders after the run's date wait; late and overwritten files in older folders are read.

    Names that begin with `_` or `.`, or end in `.tmp` or `._COPYING_`, are unfinished uploads and are
    skipped, as is the mark of a folder. An empty file has no rows.
    """

    def __init__(
        self,
        contract: SourcedContract,
        env: Environment,
        spark: SparkSession,
        aws: Aws,
        days: tuple[date, date] = (date.min, date.max),
    ) -> None:
        """`days`: the first and the last day of the folders that are read."""
        self._contract, self._spark, self._aws, self._days = contract, spark, aws, days
        self._bucket = names.bucket(env, Zone.LANDING)
        self._prefix = contract.source.object.rstrip("/") + "/"
        self.label = f"s3://{self._bucket}/{self._prefix}"
        self._ahead = 0

    def plan(self, position: Position, run_date: date) -> Position:
        """After every new file of folders up to `run_date`."""
        return landing_position.advance(position, self._count_ahead(), run_date)

    def ahead(self) -> str:
        """The files in folders of days to come, as the last plan saw them."""
        return f"{self._ahead} files of {self.label}" if self._ahead else ""

    def _count_ahead(self) -> Iterator[LandingFile]:
        self._ahead, last = 0, soon().date()
        for file in self._files():
            self._ahead += file.day > last
            yield file

    def read(self, position: Position, until: Position) -> Extract:
        """The rows of the files between two positions. A json_document is one row with column `document`."""
        batch = landing_position.files_between(self._files(), position, until)
        files = [file for file in batch if file.size > 0]
        if self._contract.source.format in COLUMNAR:
            return ColumnarFiles(self._contract, self._spark, self._aws, self._bucket, files).extract()
        return LandingBatch(self._contract, self._spark, self._aws, self._bucket, files).extract()

    def _files(self) -> Iterator[LandingFile]:
        first, last = self._days
        for file in landing_files(self._aws.s3, S3Uri(self._bucket, self._prefix), self._contract.table):
            if first <= file.day <= last:
                yield file
