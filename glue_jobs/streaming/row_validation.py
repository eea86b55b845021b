"""Validates the rows of messages: when they came, and which rules of the contract they break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows, validate_and_quarantine
from glue_jobs.contract.validate import INVALID
from glue_jobs.errors import RunError
from glue_jobs.streaming.json_rows import is_defective, is_tombstone, with_defect_columns
from glue_jobs.streaming.message_metadata import is_cdc
from glue_jobs.streaming.messages import REJECT, TOMBSTONE
from lakehouse.contracts import Contract

INGEST_TS = "_ingest_ts"
_INVALID_ROW = "_bad_row"


def with_ingest_ts(rows: DataFrame, contract: Contract, began: Column) -> DataFrame:
    """Adds the time of the micro-batch. Spark keeps it with the offsets: a batch done twice has one time."""
    return rows.withColumn(INGEST_TS, began) if INGEST_TS in dict(contract.stored) else rows


def with_validity(rows: DataFrame, contract: Contract) -> DataFrame:
    """Rows of JSON messages with their flag: invalid is what breaks a rule and what cannot be read.

    In a topic of changes a message without a value repeats the deletion before it, and is a TOMBSTONE.
    """
    judged = validate(rows, contract).rows.withColumn(INVALID, F.col(INVALID) | is_defective(contract))
    if not is_cdc(contract):
        return judged
    flagged = judged.withColumn(TOMBSTONE, is_tombstone())
    return flagged.withColumn(INVALID, F.col(INVALID) & ~F.col(TOMBSTONE))


def with_reasons(batch: DataFrame, contract: Contract) -> ValidatedRows:
    """The invalid rows of a micro-batch of JSON messages, with their reasons."""
    return validate(with_defect_columns(batch.where(INVALID), contract), contract)


def apply_user_function(rows: DataFrame, function: Callable[..., DataFrame], contract: Contract) -> DataFrame:
    """The rows that a task's function makes of the messages.

    Raises RunError (RUN204) when it drops a column.
    """
    result = function(messages=rows)
    missing = [c for c in rows.columns if c not in result.columns]
    if missing:
        raise RunError(
            f"{contract.table}: its function returns no column {', '.join(missing)}; "
            "begin with messages and use withColumn",
            code="RUN204",
        )
    return result


def validate(rows: DataFrame, contract: Contract) -> ValidatedRows:
    """Checks rows against the contract. A rejected message has one reason, that of its rejection."""
    validated = validate_and_quarantine(rows, contract)
    if is_cdc(contract):
        validated = _with_deletions(validated, contract)
    if REJECT not in rows.columns:
        return validated
    # A rejected message has no columns to check against the rules.
    return replace(
        validated,
        explain=lambda: F.when(F.col(REJECT).isNotNull(), F.array(REJECT)).otherwise(validated.reasons),
    )


def _with_deletions(validated: ValidatedRows, contract: Contract) -> ValidatedRows:
    """A deletion keeps only the rules of its key and its time: databases send no more of a deleted row."""
    flag = F.col(str(contract.lake.delete_flag))
    needed = {*contract.primary_key, str(contract.lake.sequence), str(contract.lake.delete_flag)}
    key_part = contract.part(needed)
    keys = validate_and_quarantine(validated.rows.withColumnRenamed(INVALID, _INVALID_ROW), key_part)
    invalid = F.when(flag, F.col(INVALID)).otherwise(F.col(_INVALID_ROW))
    return ValidatedRows(
        keys.rows.withColumn(INVALID, invalid).drop(_INVALID_ROW),
        F.col(INVALID),
        lambda: F.when(flag, keys.reasons).otherwise(validated.reasons),
    )
