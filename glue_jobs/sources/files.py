"""Reads landing files with Spark as text, and says of each line where it was and whether it was UTF-8."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glue_jobs.sources.landing_position import File

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

# A whole file becomes one value, of which Java holds a few copies; a larger one is read in splits, without line numbers.
WHOLE_BYTES = 32 * 1024 * 1024
_REPLACED = "\ufffd"


def whole_files(spark: SparkSession, bucket: str, files: list[File]) -> DataFrame:
    """Columns: `value`, the file's text; `key`; `utf8`."""
    from pyspark.sql import functions as F

    raw = _read(spark, bucket, files, whole=True)
    return raw.select(
        F.decode(F.col("value").cast("binary"), "UTF-8").alias("value"),
        _key(bucket),
        _is_utf8().alias("utf8"),
    )


def lines(spark: SparkSession, bucket: str, files: list[File], *, skip_first: bool = False) -> DataFrame:
    """Columns: `line`, never blank and without its end; `position`, key:line, or key@byte of its split; `utf8`. `skip_first`: a header."""
    small = [file for file in files if file.size <= WHOLE_BYTES]
    large = [file for file in files if file.size > WHOLE_BYTES]
    parts = [_numbered(spark, bucket, small, skip_first)] if small or not large else []
    parts += [_split(spark, bucket, large, skip_first)] if large else []
    rows = parts[0] if len(parts) == 1 else parts[0].unionByName(parts[1])
    return rows.where("trim(line) != ''")


def _numbered(spark: SparkSession, bucket: str, files: list[File], skip_first: bool) -> DataFrame:
    from pyspark.sql import functions as F

    whole = whole_files(spark, bucket, files)
    each = whole.select("key", "utf8", F.posexplode(F.split("value", "\n")).alias("number", "line"))
    if skip_first:
        each = each.where("number > 0")
    # The decoder has put U+FFFD in the place of what was not UTF-8; a file without such bytes may hold that character itself.
    utf8 = F.col("utf8") | ~F.col("line").contains(_REPLACED)
    position = F.concat("key", F.lit(":"), F.col("number") + 1)
    return each.select(_clean(F.col("line")).alias("line"), position.alias("position"), utf8.alias("utf8"))


def _split(spark: SparkSession, bucket: str, files: list[File], skip_first: bool) -> DataFrame:
    from pyspark.sql import functions as F

    raw = _read(spark, bucket, files, whole=False)
    start = F.col("_metadata.file_block_start")
    # A header is known by what it says, not by being first, where lines have no number.
    each = raw.select(
        _clean(F.decode(F.col("value").cast("binary"), "UTF-8")).alias("line"),
        F.concat(_key(bucket), F.lit("@"), start).alias("position"),
        _is_utf8().alias("utf8"),
        (F.lit(skip_first) & (start == 0) & (F.monotonically_increasing_id() % (1 << 33) == 0)).alias(
            "header"
        ),
    )
    return each.where(~F.col("header")).drop("header")


def _read(spark: SparkSession, bucket: str, files: list[File], *, whole: bool) -> DataFrame:
    if not files:
        return spark.createDataFrame(
            [], "value string, _metadata struct<file_path:string,file_block_start:bigint>"
        )
    return spark.read.text(
        [_path(bucket, file.key) for file in files], wholetext=whole, lineSep=None if whole else "\n"
    )


def _path(bucket: str, key: str) -> str:
    """The reader takes a path for a pattern, so what means something in one is escaped."""
    escaped = "".join(f"\\{c}" if c in "\\*?[]{}," else c for c in key)
    return f"s3://{bucket}/{escaped}"


def _key(bucket: str) -> Column:
    from pyspark.sql import functions as F

    return (
        F.expr(
            f"substring(url_decode(replace(_metadata.file_path, '+', '%2B')), {len(f's3://{bucket}/') + 1})"
        ).alias("key")
        if bucket
        else F.lit("")
    )


def _is_utf8() -> Column:
    """The text reader does not decode, so the bytes are still those of the file."""
    from pyspark.sql import functions as F

    raw = F.col("value").cast("binary")
    return F.encode(F.decode(raw, "UTF-8"), "UTF-8") == raw


def _clean(line: Column) -> Column:
    """Without the carriage return of a Windows line end and the mark that may begin a file."""
    from pyspark.sql import functions as F

    return F.regexp_replace(line, "^\ufeff|\r+$", "")
