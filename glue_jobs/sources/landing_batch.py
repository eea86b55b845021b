"""The rows of the landing files of one batch, and the files among them that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.sources import files as plain_files
from glue_jobs.sources import json_text, text
from glue_jobs.sources.columns import CORRUPT, POSITION, ColumnMapping, fold_spellings, match_columns
from glue_jobs.sources.csv_files import CsvFiles
from glue_jobs.sources.csv_header import header_fault, trimmed
from glue_jobs.sources.file_sampling import Beginning, FileSampler
from glue_jobs.sources.landing_position import LandingFile, first_line
from glue_jobs.sources.misread_files import files_to_stream, says_stream, unless
from glue_jobs.sources.object_records import FileReport, Format, Objects
from glue_jobs.sources.source import Extract, RejectedFile, SourceError
from glue_jobs.sources.streamed_files import StreamedFiles
from lakehouse.contracts import SourcedContract

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from glue_jobs.aws import Aws


@dataclass(frozen=True)
class LandingBatch:
    """Files of one landing prefix. `streamed`: keys that an earlier pass found to need the slower way."""

    contract: SourcedContract
    spark: SparkSession
    aws: Aws
    bucket: str
    files: list[LandingFile]
    streamed: frozenset[str] = field(default_factory=frozenset)

    def extract(self) -> Extract:
        """The rows of the files that can be read."""
        ways = {"csv": self._csv, "json_document": self._documents, "fixed_width": self._fixed_width}
        read = ways.get(self._format, self._json_lines)
        try:
            extract = read()
        except Exception as error:
            again = self._read_again(error)
            if again is None:
                raise
            return again
        return replace(
            extract, files=len(self.files), rejected=tuple(self._rejected), read_again=self._read_again
        )

    @property
    def _format(self) -> Format:
        form = self.contract.source.format
        return form if form in ("csv", "json_document", "json_array", "fixed_width") else "json_lines"

    @cached_property
    def _rejected(self) -> list[RejectedFile]:
        faults = {key: report.fault for key, report in self._reports.items() if report.fault}
        if self._format == "csv":
            headers = {key: header_fault(header, self.contract) for key, header in self._headers.items()}
            faults |= {key: fault for key, fault in headers.items() if fault}
        return [
            RejectedFile(self.bucket, f.key, f.etag, f.size, f.modified, faults[f.key])
            for f in self.files
            if f.key in faults
        ]

    @cached_property
    def _beginnings(self) -> dict[str, Beginning]:
        sampler = FileSampler(self.aws, self.bucket)
        sampled = [file for file in self.files if self._may_be_plain(file)]
        if self._format == "csv":
            return sampler.csv_beginnings(sampled)
        if self._format == "fixed_width":
            return sampler.beginnings(sampled)
        return sampler.json_beginnings(sampled, plain_files.WHOLE_BYTES)

    @cached_property
    def _streams(self) -> StreamedFiles:
        form, facts = self.contract.source.text_form, self.aws.facts
        return StreamedFiles(Objects(self.bucket, self._format, facts, self.aws.region, form))

    @cached_property
    def _reports(self) -> dict[str, FileReport]:
        files = [file for file in self.files if self._is_streamed(file)]
        return self._streams.reports(self.spark, files) if files else {}

    def _is_streamed(self, file: LandingFile) -> bool:
        beginning = self._beginnings.get(file.key)
        plain = self._may_be_plain(file) and not (beginning and beginning.streamed)
        return file.key in self.streamed or not plain

    def _may_be_plain(self, file: LandingFile) -> bool:
        form = self.contract.source.fixed or self.contract.source.csv_form
        return form.is_plain and self._format != "json_array" and plain_files.is_plain_name(file.key)

    def _readable(self, *, streamed: bool) -> list[LandingFile]:
        rejected = {rejected.key for rejected in self._rejected}
        readable = (file for file in self.files if file.key not in rejected)
        return [file for file in readable if (file.key in self._reports) == streamed]

    def _documents(self) -> Extract:
        whole = plain_files.whole_files(self.spark, self.bucket, self._readable(streamed=False))
        contents = whole.select(
            unless(F.col("streamed"), "value", "key").alias("value"),
            F.concat("key", F.lit(":1")).alias("position"),
            "utf8",
        )
        streamed = self._readable(streamed=True)
        if streamed:
            others = self._streams.records(self.spark, streamed)
            contents = contents.unionByName(others.select(F.col("line").alias("value"), "position", "utf8"))
        corrupt = F.when(~F.col("utf8"), F.col("value")).alias(CORRUPT)
        document, position = F.col("value").alias("document"), F.col("position").alias(POSITION)
        return Extract(contents.select(document, position, corrupt), text=True)

    def _json_lines(self) -> Extract:
        raw = self._lines()
        sampled = [of.keys for of in self._beginnings.values()] + [of.keys for of in self._reports.values()]
        mapping = self._match_keys(raw, [key for keys in sampled for key in keys])
        usual = next((len(keys) for keys in sampled if keys), 0)
        rows = json_text.parse_json(raw, self.contract, mapping, usual)
        return Extract(rows, text=True, extra_columns=mapping.extra, missing_columns=mapping.missing)

    def _lines(self, *, skip_first: bool = False) -> DataFrame:
        files = self._readable(streamed=False)
        raw = plain_files.lines(self.spark, self.bucket, files, skip_first=skip_first)
        rows = raw.select(unless(F.col("streamed"), "line", "position").alias("line"), "position", "utf8")
        if streamed := self._readable(streamed=True):
            others = self._streams.records(self.spark, streamed)
            return rows.unionByName(others.select("line", "position", "utf8"))
        return rows

    def _match_keys(self, raw: DataFrame, sampled: list[str]) -> ColumnMapping:
        """Reads the keys of every line only when the sample lacks a required column."""
        try:
            return match_columns(self.contract, fold_spellings(self.contract, sampled), self._label)
        except SourceError:
            keys, count = json_text.distinct_keys(raw)
            # A single line does not tell a changed source from a broken row, so the contract judges that row.
            if count <= 1:
                return ColumnMapping({}, (), ())
            return match_columns(self.contract, fold_spellings(self.contract, keys), self._label)

    @property
    def _label(self) -> str:
        looked_at = [f for f in self.files if f.key in self._beginnings or f.key in self._reports]
        return first_line(self.bucket, looked_at or self.files)

    @cached_property
    def _headers(self) -> dict[str, tuple[str, ...]]:
        """Of each file that has a record, by its key: the names that it states."""
        sampled = {key: beginning.header for key, beginning in self._beginnings.items()}
        headers = sampled | {key: report.header for key, report in self._reports.items()}
        return {key: trimmed(header) for key, header in headers.items() if header}

    def _csv(self) -> Extract:
        files = self._readable(streamed=False) + self._readable(streamed=True)
        csv = CsvFiles(self.contract, self.spark, self.bucket, self._streams, self._headers, {*self._reports})
        return csv.extract(files, self._label)

    def _fixed_width(self) -> Extract:
        form = self.contract.source.fixed
        if form is None:
            raise SourceError(f"{self.contract.table}: its source states no `fixed`", code="RUN106")
        mapping = match_columns(self.contract, list(form.fields), self._label)
        rows = text.parse_fixed(self._lines(skip_first=form.header), self.contract, form, mapping)
        return Extract(rows, text=True, extra_columns=mapping.extra, missing_columns=mapping.missing)

    def _read_again(self, error: BaseException) -> Extract | None:
        """The same rows, when `error` says that a plain file has to be streamed; else None."""
        if not says_stream(error):
            return None
        files = self._readable(streamed=False)
        streamed = self.streamed | files_to_stream(self.spark, self.bucket, files, self._format)
        return None if streamed == self.streamed else replace(self, streamed=streamed).extract()
