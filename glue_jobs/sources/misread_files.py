"""Landing files that Spark's text reader reads wrongly: found while they are read, and then streamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Column
from pyspark.sql import functions as F

from glue_jobs.sources import files as plain_files
from glue_jobs.sources.csv_shape import open_record
from glue_jobs.sources.landing_position import LandingFile
from glue_jobs.sources.object_records import Format

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What the error of a pass says that met a file which Spark's text reader reads wrongly.
_STREAM = "this landing file is read again as a stream: "
_POSITION_END = "[:@][0-9]+$"


def unless(wrong: Column, value: str, position: str) -> Column:
    """The value of a row; the pass ends with an error at a row that is `wrong`."""
    return F.when(wrong, F.raise_error(F.concat(F.lit(_STREAM), position))).otherwise(F.col(value))


def says_stream(error: BaseException) -> bool:
    """Whether a pass ended at a row that is wrong."""
    return _STREAM in str(error)


def files_to_stream(spark: SparkSession, bucket: str, files: list[LandingFile], form: Format) -> set[str]:
    """The keys of those of `files` that have a row which is read wrongly."""
    if form == "json_document":
        keys = plain_files.whole_files(spark, bucket, files).where("streamed").select("key")
    else:
        raw = plain_files.lines(spark, bucket, files)
        opens = open_record(F.col("line")) if form == "csv" else F.lit(False)
        key = F.regexp_replace("position", _POSITION_END, "").alias("key")
        keys = raw.where(F.col("streamed") | opens).select(key).distinct()
    return {row.key for row in keys.collect()}
