"""Reads landing files with Spark as text, with the position of each line and whether it is valid UTF-8."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.sources.landing_position import LandingFile

# A whole file becomes one value, of which Java holds a few copies; a larger file is read in splits, without
# line numbers.
WHOLE_BYTES = 32 * 1024 * 1024
_REPLACEMENT = "\ufffd"
_SCHEMA = "value string, _metadata struct<file_path:string,file_block_start:bigint>"
# `monotonically_increasing_id` counts the rows of a partition in its lower 33 bits.
_ROW_BITS = 33


def whole_files(spark: SparkSession, bucket: str, files: list[LandingFile]) -> DataFrame:
    """Columns: `value`, the file's text; `key`; `utf8`."""
    raw = _read(spark, bucket, files, whole=True)
    text = F.decode(F.col("value").cast("binary"), "UTF-8")
    return raw.select(text.alias("value"), _key(bucket), _is_utf8().alias("utf8"))


def lines(
    spark: SparkSession, bucket: str, files: list[LandingFile], *, skip_first: bool = False
) -> DataFrame:
    """Columns: `line`, never blank and without its end; `position`; `utf8`.

    `skip_first`: without the header line.

    `position` is key:line for a file of at most 32 MB, key@byte (the start of the split) for a larger one.
    """
    small = [file for file in files if file.size <= WHOLE_BYTES]
    large = [file for file in files if file.size > WHOLE_BYTES]
    parts = [_numbered(spark, bucket, small, skip_first)] if small or not large else []
    parts += [_split(spark, bucket, large, skip_first)] if large else []
    rows = parts[0] if len(parts) == 1 else parts[0].unionByName(parts[1])
    return rows.where("trim(line) != ''")


def _numbered(spark: SparkSession, bucket: str, files: list[LandingFile], skip_first: bool) -> DataFrame:
    whole = whole_files(spark, bucket, files)
    each = whole.select("key", "utf8", F.posexplode(F.split("value", "\n")).alias("number", "line"))
    if skip_first:
        each = each.where("number > 0")
    # The decoder replaces bytes that are not UTF-8 by U+FFFD; a file without such bytes may hold that
    # character itself.
    utf8 = F.col("utf8") | ~F.col("line").contains(_REPLACEMENT)
    position = F.concat("key", F.lit(":"), F.col("number") + 1)
    return each.select(_clean(F.col("line")).alias("line"), position.alias("position"), utf8.alias("utf8"))


def _split(spark: SparkSession, bucket: str, files: list[LandingFile], skip_first: bool) -> DataFrame:
    raw = _read(spark, bucket, files, whole=False)
    start = F.col("_metadata.file_block_start")
    # Lines have no number here: the header is the first row of the split that begins at byte 0.
    first_row = F.monotonically_increasing_id() % (1 << _ROW_BITS) == 0
    each = raw.select(
        _clean(F.decode(F.col("value").cast("binary"), "UTF-8")).alias("line"),
        F.concat(_key(bucket), F.lit("@"), start).alias("position"),
        _is_utf8().alias("utf8"),
        (F.lit(skip_first) & (start == 0) & first_row).alias("header"),
    )
    return each.where(~F.col("header")).drop("header")


def _read(spark: SparkSession, bucket: str, files: list[LandingFile], *, whole: bool) -> DataFrame:
    if not files:
        return spark.createDataFrame([], _SCHEMA)
    paths = [_path(bucket, file.key) for file in files]
    return spark.read.text(paths, wholetext=whole, lineSep=None if whole else "\n")


def _path(bucket: str, key: str) -> str:
    """The reader takes a path as a pattern, so the characters of patterns are escaped."""
    escaped = "".join(f"\\{c}" if c in "\\*?[]{}," else c for c in key)
    return f"s3://{bucket}/{escaped}"


def _key(bucket: str) -> Column:
    prefix = len(f"s3://{bucket}/")
    decoded = "url_decode(replace(_metadata.file_path, '+', '%2B'))"
    return F.expr(f"substring({decoded}, {prefix + 1})").alias("key")


def _is_utf8() -> Column:
    """The text reader does not decode, so the bytes are still those of the file."""
    raw = F.col("value").cast("binary")
    return F.encode(F.decode(raw, "UTF-8"), "UTF-8") == raw


def _clean(line: Column) -> Column:
    """Removes the carriage return of a Windows line end and a byte order mark at the beginning."""
    return F.regexp_replace(line, "^\ufeff|\r+$", "")
