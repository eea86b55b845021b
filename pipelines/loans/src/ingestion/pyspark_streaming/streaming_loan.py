"""streaming_loan_events: the messages of the topic as they come, but for those that do not add up."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def loan_events(*, messages: DataFrame) -> DataFrame:
    """Adds `_reject`: why a message cannot be part of the table.

    `messages` has the contract's columns, typed.

    A contract judges each column by itself; that the parts of a repayment are its amount is a rule of three.
    """
    parts = F.col("principal_part") + F.col("interest_part")
    wrong = (F.col("event_type") == "repayment") & (F.col("amount") != parts)
    return messages.withColumn(
        "_reject", F.coalesce("_reject", F.when(wrong, F.lit("amount: not principal_part and interest_part")))
    )
