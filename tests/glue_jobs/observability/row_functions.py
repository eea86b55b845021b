"""Functions of a team that fail over a row, and quote it: each table's name is the place that fails."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

TYPES = {
    "customer_id": "bigint",
    "name": "string",
    "email": "string",
    "birth_date": "date",
    "balance": "decimal(18,2)",
    "score": "double",
    "changed_at": "timestamp",
}


def _text(rows: DataFrame) -> str:
    return f"concat_ws(' | ', {', '.join(f'CAST({c} AS string)' for c in rows.columns)})"


def leak_jvm(*, silver_leaks: DataFrame) -> DataFrame:
    """Spark itself raises, in the JVM."""
    return silver_leaks.withColumn("name", F.expr(f"raise_error({_text(silver_leaks)})").cast("string"))


def leak_worker(*, silver_leaks: DataFrame) -> DataFrame:
    """A Python worker of Spark raises."""

    @F.udf("string")
    def refuse(row: str) -> str:
        raise ValueError(f"cannot take {row}")

    return silver_leaks.withColumn("name", refuse(F.expr(_text(silver_leaks))))


def leak_driver(*, silver_leaks: DataFrame) -> DataFrame:
    """The function itself raises."""
    raise ValueError(f"cannot take {silver_leaks.collect()}")


def leak_broadcast(*, silver_leaks: DataFrame) -> DataFrame:
    """The broadcast of a join raises, in a thread of its own."""
    refused = F.expr(f"raise_error({_text(silver_leaks)})").cast("string").alias("refused")
    joined = silver_leaks.join(F.broadcast(silver_leaks.select("customer_id", refused)), "customer_id")
    return joined.withColumn("name", F.col("refused")).drop("refused")


def leak_document(documents: DataFrame) -> DataFrame:
    """A parser of landing files raises over what it reads."""

    @F.udf("string")
    def parse(text: str) -> str:
        raise KeyError(text)

    text = parse(F.expr(_text(documents)))
    return documents.select(*[text.cast(kind).alias(name) for name, kind in TYPES.items()])


def leak_messages(*, messages: DataFrame) -> DataFrame:
    """A function of a stream raises over a message."""

    @F.udf("string")
    def refuse(row: str) -> str:
        raise RuntimeError(f"bootstrap of {row} timed out, TimeoutException")

    return messages.withColumn("name", refuse(F.to_json(F.struct("*"))))
