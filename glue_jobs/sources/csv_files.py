"""The rows of CSV files: each file has columns of its own, by its header or by what its source states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.sources import files as plain_files
from glue_jobs.sources import text
from glue_jobs.sources.columns import ColumnMapping, match_columns
from glue_jobs.sources.csv_header import positional_names
from glue_jobs.sources.csv_shape import open_record
from glue_jobs.sources.landing_position import LandingFile, first_line
from glue_jobs.sources.misread_files import unless
from glue_jobs.sources.source import Extract
from glue_jobs.sources.streamed_files import StreamedFiles
from lakehouse.contracts import SourcedContract

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class CsvFiles:
    """Files that can be read. `headers`: by the file's key; a file of blank lines has none.

    `streamed`: keys of those that Spark's text reader does not read.
    """

    contract: SourcedContract
    spark: SparkSession
    bucket: str
    streams: StreamedFiles
    headers: Mapping[str, tuple[str, ...]]
    streamed: Collection[str]

    def extract(self, files: list[LandingFile], label: str) -> Extract:
        """The rows; files with different columns are parsed each by their own. `label`: how errors begin."""
        groups: dict[tuple[str, ...], list[LandingFile]] = defaultdict(list)
        stated = positional_names(self.contract)
        for file in files:
            if file.key in self.headers:
                groups[stated or self.headers[file.key]].append(file)
        if not groups:
            groups[stated or tuple(c.source_name for c in self.contract.columns)] = []
        frames, extra, missing = list[DataFrame](), dict[str, None](), dict[str, None]()
        for header, group in groups.items():
            source = first_line(self.bucket, group) if group else label
            mapping = match_columns(self.contract, header, source)
            extra |= dict.fromkeys(mapping.extra)
            missing |= dict.fromkeys(mapping.missing)
            frames += self._frames(header, group, mapping)
        rows, more = reduce(DataFrame.unionByName, frames), tuple(extra)
        return Extract(rows, text=True, extra_columns=more, missing_columns=tuple(missing))

    def _frames(
        self, header: tuple[str, ...], group: list[LandingFile], mapping: ColumnMapping
    ) -> list[DataFrame]:
        plain = [file for file in group if file.key not in self.streamed]
        streamed = [file for file in group if file.key in self.streamed]
        frames = []
        if plain or not streamed:
            skips = self.contract.source.csv_form.header
            raw = plain_files.lines(self.spark, self.bucket, plain, skip_first=skips)
            line = unless(F.col("streamed") | open_record(F.col("line")), "line", "position")
            rows = raw.select(line.alias("line"), "position", "utf8")
            frames.append(text.parse_csv(rows, self.contract, header, mapping))
        if streamed:
            records = self.streams.records(self.spark, streamed)
            frames.append(text.parse_cells(records, self.contract, header, mapping))
        return frames
