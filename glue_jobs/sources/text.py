"""Parses lines of text into rows of strings under the contract's names; broken lines become `_corrupt`."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from glue_jobs.sources.columns import CORRUPT, POSITION, ColumnMapping, null_column
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import Column as ContractColumn

# A line that JSON itself does not allow is broken; the platform accepts no dialect.
_JSON_OPTIONS = {
    "allowSingleQuotes": "false",
    "allowNonNumericNumbers": "false",
    "maxStringLen": "1000000000",
}
_CSV_OPTIONS = {
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": CORRUPT,
    "escape": '"',
    "maxCharsPerColumn": "-1",
}


def parse_json(lines: DataFrame, contract: Contract, mapping: ColumnMapping) -> DataFrame:
    """One JSON object per line, in columns line, position, utf8.

    Values come as their text, absent keys as null.

    Spark reads a number of more than 17 digits as a double, which loses digits; send such numbers as strings.
    """
    keys = [mapping.source_of(column) for column in contract.columns]
    schema = ArrayType(StructType([StructField(key, StringType()) for key in dict.fromkeys(keys)]))
    # The object is parsed as the only element of an array, so that text after it makes the line invalid:
    # two objects on one line, or the end of a line that was cut.
    array = F.concat(F.lit("["), "line", F.lit("]"))
    parsed = lines.withColumn("parsed", F.from_json(array, schema, _JSON_OPTIONS))
    is_object = (F.size("parsed") == 1) & F.col("parsed")[0].isNotNull()
    value = parsed.withColumn(
        "value", F.when(F.col("utf8") & F.coalesce(is_object, F.lit(False)), F.col("parsed")[0])
    )
    columns = [
        F.col("value").getField(key).alias(column.name)
        for key, column in zip(keys, contract.columns, strict=True)
    ]
    return value.select(
        *columns,
        F.col("position").alias(POSITION),
        F.when(F.col("value").isNull(), F.col("line")).alias(CORRUPT),
    )


def distinct_keys(lines: DataFrame) -> tuple[list[str], int]:
    """(every key of every line that is a JSON object, the number of such lines), in one pass."""
    objects = lines.select(F.json_object_keys("line").alias("keys")).where("keys is not null and utf8")
    row = objects.agg(F.array_sort(F.array_distinct(F.flatten(F.collect_set("keys")))), F.count("*")).first()
    return (list(row[0] or ()), int(row[1])) if row else ([], 0)


def parse_csv(
    lines: DataFrame,
    contract: Contract,
    header: Sequence[str],
    mapping: ColumnMapping,
    passthrough: Sequence[str] = (),
) -> DataFrame:
    """One RFC 4180 record per line, in columns line, position, utf8.

    `header`: source columns in the line's order.

    `passthrough`: contract columns that `lines` has already; they keep their values when the line is corrupt.
    """
    fields = [f"c{number}" for number in range(len(header))]
    schema = ", ".join(f"`{field}` string" for field in [*fields, CORRUPT])
    parsed = lines.withColumn("parsed", F.from_csv(F.col("line"), schema, _CSV_OPTIONS))
    whole = (
        F.col("parsed").isNotNull()
        & F.col(f"parsed.{CORRUPT}").isNull()
        & F.col("utf8")
        & _is_record(F.col("line"))
    )
    value = parsed.withColumn("whole", F.coalesce(whole, F.lit(False)))
    field_of = dict(zip(header, fields, strict=True))

    def column(target: ContractColumn) -> Column:
        if target.name in passthrough:
            return F.col(target.name)
        if target.name not in mapping.source_names:
            return null_column(target, text=True)
        field = field_of[mapping.source_names[target.name]]
        return F.when(F.col("whole"), F.col(f"parsed.{field}")).alias(target.name)

    columns = [column(target) for target in contract.columns]
    return value.select(
        *columns,
        F.col("position").alias(POSITION),
        F.when(~F.col("whole"), F.coalesce("line", F.lit(""))).alias(CORRUPT),
    )


def _is_record(line: Column) -> Column:
    """False for two kinds of broken lines that Spark's parser accepts: a blank line and an unclosed quote."""
    quotes = F.length(line) - F.length(F.replace(line, F.lit('"'), F.lit("")))
    return (F.trim(line) != "") & (quotes % 2 == 0)
