"""Lines of text as rows of strings under the contract's names, and the lines that are not what they should be as `_corrupt`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from glue_jobs.sources.columns import CORRUPT, POSITION, Matched, typed_null
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import Column as ContractColumn

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# What JSON itself does not allow is a broken line, not a dialect.
_STRICT = {"allowSingleQuotes": "false", "allowNonNumericNumbers": "false", "maxStringLen": "1000000000"}
_CSV_OPTIONS = {
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": CORRUPT,
    "escape": '"',
    "maxCharsPerColumn": "-1",
}


def json_rows(lines: DataFrame, contract: Contract, matched: Matched) -> DataFrame:
    """`lines` as `files.lines` gives them, one JSON object each. Numbers, booleans and nested values come as their text, absent keys as null.

    A number of more than 17 digits is read as a double on the way and loses the rest; send such numbers as strings.
    """
    from pyspark.sql import functions as F
    from pyspark.sql.types import ArrayType, StringType, StructField, StructType

    keys = [matched.source_of(column) for column in contract.columns]
    shape = ArrayType(StructType([StructField(key, StringType()) for key in dict.fromkeys(keys)]))
    # As the only element of an array, so that whatever follows the object makes it invalid: two objects on one line, half a line's end.
    parsed = lines.withColumn("parsed", F.from_json(F.concat(F.lit("["), "line", F.lit("]")), shape, _STRICT))
    whole = (F.size("parsed") == 1) & F.col("parsed")[0].isNotNull()
    value = parsed.withColumn(
        "value", F.when(F.col("utf8") & F.coalesce(whole, F.lit(False)), F.col("parsed")[0])
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


def all_keys(lines: DataFrame) -> tuple[list[str], int]:
    """Every key of every line that is a JSON object, and how many lines those are: one pass."""
    from pyspark.sql import functions as F

    objects = lines.select(F.json_object_keys("line").alias("keys")).where("keys is not null and utf8")
    row = objects.agg(F.array_sort(F.array_distinct(F.flatten(F.collect_set("keys")))), F.count("*")).first()
    return (list(row[0] or ()), int(row[1])) if row else ([], 0)


def csv_rows(
    lines: DataFrame, contract: Contract, header: Sequence[str], matched: Matched, beside: Sequence[str] = ()
) -> DataFrame:
    """`lines` with columns line, position, utf8, in RFC 4180's form; `header`: the columns in the order of the line.

    `beside`: contract columns that `lines` brings itself; they are kept when the line is corrupt.
    """
    from pyspark.sql import functions as F

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
    place = dict(zip(header, fields, strict=True))

    def column(wanted: ContractColumn) -> Column:
        if wanted.name in beside:
            return F.col(wanted.name)
        if wanted.name not in matched.found:
            return typed_null(wanted, text=True)
        return F.when(F.col("whole"), F.col(f"parsed.{place[matched.found[wanted.name]]}")).alias(wanted.name)

    columns = [column(wanted) for wanted in contract.columns]
    return value.select(
        *columns,
        F.col("position").alias(POSITION),
        F.when(~F.col("whole"), F.coalesce("line", F.lit(""))).alias(CORRUPT),
    )


def _is_record(line: Column) -> Column:
    """What the parser lets pass: nothing at all, and a quote that is never closed."""
    from pyspark.sql import functions as F

    quotes = F.length(line) - F.length(F.replace(line, F.lit('"'), F.lit("")))
    return (F.trim(line) != "") & (quotes % 2 == 0)
