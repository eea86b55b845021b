"""fx_json_to_bronze: one document of reference rates per day, as one row per currency."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

_DOCUMENT = "array<struct<date: string, published_at: string, rates: map<string, string>>>"
_STRICT = {"allowSingleQuotes": "false", "allowNonNumericNumbers": "false"}


def fx_rates(documents: DataFrame) -> DataFrame:
    """Columns rate_date, currency, rate and published_at as text, and the two of the source.

    A document that is not one is a row with `_corrupt`.

    `documents`: document, _source_position, _corrupt (null where the bytes were UTF-8).
    """
    # As the only element of an array, so that whatever follows the object makes it invalid.
    parsed = documents.withColumn(
        "parsed", F.from_json(F.concat(F.lit("["), "document", F.lit("]")), _DOCUMENT, _STRICT)
    )
    one = parsed.withColumn(
        "doc", F.when(F.col("_corrupt").isNull() & (F.size("parsed") == 1), F.col("parsed")[0])
    )
    corrupt = F.when(F.coalesce(F.size("doc.rates") < 1, F.lit(True)), F.coalesce("_corrupt", "document"))
    each = one.withColumn("_corrupt", corrupt).select(
        "doc", "_source_position", "_corrupt", F.explode_outer("doc.rates").alias("currency", "rate")
    )
    return each.select(
        F.col("doc.date").alias("rate_date"),
        "currency",
        "rate",
        F.col("doc.published_at").alias("published_at"),
        "_source_position",
        "_corrupt",
    )
