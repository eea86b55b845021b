"""Rows of messages: when they came, and what the contract says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows, validate_and_quarantine
from glue_jobs.contract.validate import INVALID
from glue_jobs.errors import RunError
from glue_jobs.streaming.json_rows import is_wrong, opened
from glue_jobs.streaming.message_metadata import is_cdc
from glue_jobs.streaming.messages import REJECT
from lakehouse.contracts import Contract

INGESTED = "_ingest_ts"
_BAD_ROW = "_bad_row"


def stamped(rows: DataFrame, contract: Contract, began: Column) -> DataFrame:
    """Spark keeps the time of a batch with its offsets, so a batch that is done twice has one time."""
    return rows.withColumn(INGESTED, began) if INGESTED in dict(contract.stored) else rows


def full(rows: DataFrame, contract: Contract) -> DataFrame:
    """With `_bad`: what breaks a rule, and what is not even read."""
    return judged(rows, contract).rows.withColumn(INVALID, F.col(INVALID) | is_wrong(contract))


def explained(batch: DataFrame, contract: Contract) -> ValidatedRows:
    """The bad rows of a micro-batch, with why they are."""
    return judged(opened(batch.where(INVALID), contract), contract)


def passed(rows: DataFrame, function: Callable[..., DataFrame], contract: Contract) -> DataFrame:
    """What the function of a task makes of them. Raises RunError (RUN204): it returns fewer columns than it got."""
    out = function(messages=rows)
    lacking = [c for c in rows.columns if c not in out.columns]
    if lacking:
        raise RunError(
            f"{contract.table}: its function returns no column {', '.join(lacking)}; begin with messages and use withColumn",
            code="RUN204",
        )
    return out


def judged(rows: DataFrame, contract: Contract) -> ValidatedRows:
    """By the rules of the contract, of which a deletion need keep only those of its key and its time: databases send no more of it."""
    whole = validate_and_quarantine(rows, contract)
    if is_cdc(contract):
        flag = F.col(str(contract.lake.delete_flag))
        needed = {*contract.primary_key, str(contract.lake.sequence), str(contract.lake.delete_flag)}
        part = replace(contract, columns=tuple(c for c in contract.columns if c.name in needed))
        all_rules, keys = (
            whole,
            validate_and_quarantine(whole.rows.withColumnRenamed(INVALID, _BAD_ROW), part),
        )
        either = keys.rows.withColumn(INVALID, F.when(flag, F.col(INVALID)).otherwise(F.col(_BAD_ROW))).drop(
            _BAD_ROW
        )
        whole = ValidatedRows(
            either, F.col(INVALID), lambda: F.when(flag, keys.reasons).otherwise(all_rules.reasons)
        )
    if REJECT not in rows.columns:
        return whole
    # A message that was refused has no columns to hold against the rules: its one reason is why it was refused.
    return replace(
        whole, explain=lambda: F.when(F.col(REJECT).isNotNull(), F.array(REJECT)).otherwise(whole.reasons)
    )
