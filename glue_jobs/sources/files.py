"""Reads landing files with Spark as text, with the position of each line and whether it is valid UTF-8."""

from __future__ import annotations

import re

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.session import job_session
from glue_jobs.sources.file_text import OTHER_ENDINGS, READ_ENDINGS
from glue_jobs.sources.landing_position import LandingFile

# A whole file becomes one value, of which Java holds a few copies; a larger file is read in splits, without
# line numbers.
WHOLE_BYTES = 32 * 1024 * 1024
_REPLACEMENT = "\ufffd"
_BOM = "\ufeff"
_SCHEMA = "value string, _metadata struct<file_path:string,file_block_start:bigint>"
# `monotonically_increasing_id` counts the rows of a partition in its lower 33 bits.
_ROW_BITS = 33
# Spark puts splits of several files into one partition while their bytes and this cost fit into it.
_ALONE = str(1 << 40)
# First bytes of files that are not UTF-8 text: UTF-16, gzip, Zstandard, bzip2, xz, ZIP, Parquet.
_STREAMED_BYTES = r"^(FFFE|FEFF|1F8B|28B52FFD|425A68|FD377A|504B0304|50415231)"
# Spark hides names like these, or its paths mean another object.
_OTHER_OBJECT = re.compile(r"//|(^|/)\.\.?/|/$|(^|/)[_.][^/]*$|\._COPYING_$|[:\x00-\x1f\x7f]")


def is_plain_name(key: str) -> bool:
    """Whether Spark reads an object of this key, and its bytes as they are."""
    return not _OTHER_OBJECT.search(key) and not key.lower().endswith((*READ_ENDINGS, *OTHER_ENDINGS))


def whole_files(spark: SparkSession, bucket: str, files: list[LandingFile]) -> DataFrame:
    """Columns: `value`, the file's text; `key`; `utf8`; `streamed`, whether it is no text as it stands."""
    raw = _read(spark, bucket, files, whole=True)
    binary = F.col("value").cast("binary")
    streamed = F.hex(F.substring(binary, 1, 4)).rlike(_STREAMED_BYTES) | F.contains("value", F.lit("\0"))
    text = _without_bom(F.decode(binary, "UTF-8"))
    return raw.select(text.alias("value"), _key(bucket), _is_utf8().alias("utf8"), streamed.alias("streamed"))


def lines(
    spark: SparkSession, bucket: str, files: list[LandingFile], *, skip_first: bool = False
) -> DataFrame:
    """Columns: `line`, without its end; `position`; `utf8`; `streamed`. Blank lines are left out.

    A line ends with LF, CRLF or CR. `skip_first`: without the first line of each file.

    `position` is key:line for a file of at most 32 MB, key@byte (the start of the split) for a larger one.

    `streamed`: the file is no text as it stands; it has one such row, with an empty line.
    """
    small = [file for file in files if file.size <= WHOLE_BYTES]
    large = [file for file in files if file.size > WHOLE_BYTES]
    parts = [_numbered(spark, bucket, small, skip_first)] if small or not large else []
    parts += [_split(spark, bucket, large, skip_first)] if large else []
    rows = parts[0] if len(parts) == 1 else parts[0].unionByName(parts[1])
    return rows.where("trim(line) != '' OR streamed")


def _numbered(spark: SparkSession, bucket: str, files: list[LandingFile], skip_first: bool) -> DataFrame:
    whole = whole_files(spark, bucket, files)
    text = F.when(F.contains("value", F.lit("\r")), _with_line_feeds(F.col("value")))
    texts = F.when(F.col("streamed"), F.array(F.lit(""))).otherwise(
        F.split(text.otherwise(F.col("value")), "\n")
    )
    each = whole.select("key", "utf8", "streamed", F.posexplode(texts).alias("number", "line"))
    if skip_first:
        each = each.where("number > 0 OR streamed")
    # The decoder replaces bytes that are not UTF-8 by U+FFFD; a file without such bytes may hold that
    # character itself.
    utf8 = F.col("utf8") | ~F.contains("line", F.lit(_REPLACEMENT))
    position = F.concat("key", F.lit(":"), F.col("number") + 1)
    return each.select("line", position.alias("position"), utf8.alias("utf8"), "streamed")


def _split(spark: SparkSession, bucket: str, files: list[LandingFile], skip_first: bool) -> DataFrame:
    session = spark
    if skip_first:
        session = job_session(spark)
        session.conf.set("spark.sql.files.openCostInBytes", _ALONE)
    raw = _read(session, bucket, files, whole=False)
    start = F.col("_metadata.file_block_start")
    # Lines have no number here. Each split is a partition of its own: the header is the first row of the one
    # that begins at byte 0.
    first_row = (start == 0) & (F.monotonically_increasing_id() % (1 << _ROW_BITS) == 0)
    line = F.decode(F.col("value").cast("binary"), "UTF-8")
    each = raw.select(
        # The reader of lines has taken a byte order mark off; one more belongs to a value, or to no JSON.
        line.alias("line"),
        F.concat(_key(bucket), F.lit("@"), start).alias("position"),
        _is_utf8().alias("utf8"),
        F.lit(False).alias("streamed"),
        (F.lit(skip_first) & first_row).alias("header"),
    )
    return each.where(~F.col("header")).drop("header")


def _read(spark: SparkSession, bucket: str, files: list[LandingFile], *, whole: bool) -> DataFrame:
    if not files:
        return spark.createDataFrame([], _SCHEMA)
    paths = [_path(bucket, file.key) for file in files]
    return spark.read.text(paths, wholetext=whole)


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


def _without_bom(text: Column) -> Column:
    return F.when(F.startswith(text, F.lit(_BOM)), F.substring(text, 2, 2**31 - 1)).otherwise(text)


def _with_line_feeds(text: Column) -> Column:
    crlf = F.replace(text, F.lit("\r\n"), F.lit("\n"))
    return F.when(F.contains(crlf, F.lit("\r")), F.replace(crlf, F.lit("\r"), F.lit("\n"))).otherwise(crlf)
