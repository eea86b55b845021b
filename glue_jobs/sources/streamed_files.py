"""Reads landing files that Spark's text reader cannot: each as one stream, by Python, on the executors.

These are compressed files, files in UTF-16, CSV files with line breaks inside values, and names that Spark
hides or changes. Each is read twice: whether it can be read at all is decided before one of its rows is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glue_jobs.connections.staging import arrow
from glue_jobs.sources.file_records import Record
from glue_jobs.sources.file_text import is_utf8, replaced
from glue_jobs.sources.landing_position import LandingFile
from glue_jobs.sources.object_records import FileReport, Objects

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_RECORD_SCHEMA = "position string, line string, utf8 boolean, cells array<string>"
_REPORT_SCHEMA = "key string, fault string, header array<string>, keys array<string>"
# Of an Arrow batch: Spark holds a few at once.
_BATCH_CHARACTERS, _BATCH_RECORDS = 8 * 1024 * 1024, 10_000
_MAX_TASKS = 1000


@dataclass(frozen=True)
class StreamedFiles:
    """Files of one bucket and format."""

    objects: Objects

    def reports(self, spark: SparkSession, files: list[LandingFile]) -> dict[str, FileReport]:
        """Reads every file to its end; the reports by the file's key."""
        rows = _listed(spark, files).mapInArrow(self._report_batches, _REPORT_SCHEMA).collect()
        return {r.key: FileReport(r.key, r.fault, tuple(r.header), tuple(r.keys)) for r in rows}

    def records(self, spark: SparkSession, files: list[LandingFile]) -> DataFrame:
        """Columns: `position`, key:line; `line`; `utf8`; `cells`, null but for a CSV record of RFC 4180.

        Of CSV without the header. Blank lines are left out.
        """
        return _listed(spark, files).mapInArrow(self._record_batches, _RECORD_SCHEMA)

    def _report_batches(self, batches: Iterable[Any]) -> Iterator[Any]:
        reports = [self.objects.report(key, etag) for key, etag in _listed_files(batches)]
        if reports:
            yield _batch([vars(report) for report in reports], ("key", "fault"), (), ("header", "keys"))

    def _record_batches(self, batches: Iterable[Any]) -> Iterator[Any]:
        for key, etag in _listed_files(batches):
            rows: list[dict[str, Any]] = []
            characters = 0
            for record in self.objects.records(key, etag):
                rows.append(_row(key, record))
                characters += len(record.text)
                if characters > _BATCH_CHARACTERS or len(rows) >= _BATCH_RECORDS:
                    yield _batch(rows, ("position", "line"), ("utf8",), ("cells",))
                    rows, characters = [], 0
            if rows:
                yield _batch(rows, ("position", "line"), ("utf8",), ("cells",))


def _listed(spark: SparkSession, files: list[LandingFile]) -> DataFrame:
    listed = spark.createDataFrame([(f.key, f.etag) for f in files], "key string, etag string")
    return listed.repartition(max(1, min(len(files), _MAX_TASKS)))


def _listed_files(batches: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for batch in batches:
        for row in batch.to_pylist():
            yield row["key"], row["etag"]


def _row(key: str, record: Record) -> dict[str, Any]:
    utf8 = is_utf8(record.text)
    line = record.text if utf8 else replaced(record.text)
    return {"position": f"{key}:{record.number}", "line": line, "utf8": utf8, "cells": record.cells}


def _batch(
    rows: list[dict[str, Any]], texts: Iterable[str], flags: Iterable[str], lists: Iterable[str]
) -> Any:
    pa = arrow()
    fields = [pa.field(name, pa.string()) for name in texts]
    fields += [pa.field(name, pa.bool_()) for name in flags]
    fields += [pa.field(name, pa.list_(pa.string())) for name in lists]
    return pa.RecordBatch.from_pylist(rows, pa.schema(fields))
