"""Writes a slowly changing dimension of type 2: a row per version of a key."""

from __future__ import annotations

import uuid
from datetime import datetime

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows, validate_and_quarantine
from glue_jobs.contract.validate import REJECT
from glue_jobs.job_types.reconcile import reconcile
from glue_jobs.job_types.table_write import TableWrite
from glue_jobs.state.audit import Counts
from glue_jobs.tables import read
from glue_jobs.tables import scd2 as history
from glue_jobs.tables.row_counts import observe
from glue_jobs.tables.target import Target, in_few_files
from lakehouse.contracts import Contract


def scd2(write: TableWrite) -> None:
    """Writes the versions that follow from the states that arrived.

    Rows in are states. One that changes no tracked column makes no version and counts as deduplicated. When
    a state that comes late lies before it, it is a version after all, and counts as a row in once more.
    """
    run, contract = write.run, write.contract
    target = run.target(contract, write.batch)
    first = target.first or write.batch.makes_anew
    natural_key = list(contract.lake.business_key)
    state_columns = [*natural_key, "valid_since", *contract.lake.tracked]
    validated = _validated(write.rows, contract, state_columns)
    first_instant = {"low": F.min(F.when(~validated.is_invalid, F.col("valid_since")))}
    incoming, metrics = write.staged(observe(validated, F.lit(False), first_instant), state_columns)
    if not target.already_written:
        history.check_surrogate_keys(incoming, contract, natural_key)
        if first:
            _first_versions(write, target, incoming)
        else:
            _merge_versions(write, target, _with_later_states(write, incoming, metrics["low"]))
    commit = target.commit()
    unknown_members = 1 if contract.lake.unknown_member else 0
    added = commit.rows("numOutputRows") - unknown_members if first else commit.rows("numTargetRowsInserted")
    quarantined = metrics["quarantined"]
    rows_in = max(metrics["rows_in"], added + quarantined)
    counts = Counts(rows_in, added, quarantined, rows_in - quarantined - added)
    reconcile(run, write.batch, target, counts, validated)


def _first_versions(write: TableWrite, target: Target, incoming: DataFrame) -> None:
    contract = write.contract
    natural_key, surrogate = list(contract.lake.business_key), contract.primary_key[0]
    versions = history.versions(incoming.limit(0), incoming, contract, natural_key)
    rows = history.with_surrogate_key(versions, surrogate, natural_key).select(*contract.column_names)
    write.whole(target, in_few_files(write.with_unknown_member(rows)))


def _with_later_states(write: TableWrite, incoming: DataFrame, low: datetime | None) -> DataFrame:
    """`incoming`, and the earlier states of its keys that are not older than its oldest state, `low`.

    The table holds versions only. A state that repeated the one before it is not among them, and becomes a
    version when another state turns out to lie between the two. Without late states there is no such row,
    and Delta's file statistics skip the input.
    """
    if write.earlier is None or low is None:
        return incoming
    contract, columns = write.contract, incoming.columns
    natural_key = list(contract.lake.business_key)
    keys = incoming.select(*natural_key).distinct()
    later = write.earlier.where(F.col("valid_since") >= F.lit(low)).join(keys, natural_key, "left_semi")
    validated = _validated(later, contract, columns)
    return incoming.unionByName(validated.rows.where(~validated.is_invalid).select(*columns))


def _merge_versions(write: TableWrite, target: Target, incoming: DataFrame) -> None:
    """Merges what the table lacks. It goes into files first: the MERGE reads its source twice.

    A day on which nothing changed needs no MERGE.
    """
    contract = write.contract
    natural_key, surrogate = list(contract.lake.business_key), contract.primary_key[0]
    stored = read.newest(write.run.session, target.uri, contract.table).join(
        incoming.select(*natural_key).distinct(), natural_key, "left_semi"
    )
    stored = stored.select(*incoming.columns, "valid_from", "valid_to")
    differences = history.with_surrogate_key(
        history.differences(stored, incoming, contract, natural_key), surrogate, natural_key
    )
    observation = Observation(f"lacking-{uuid.uuid4()}")
    folder = f"{write.run.staging_uri()}/{contract.table}.lacking"
    differences.observe(observation, F.count(F.lit(1)).alias("rows")).write.mode("overwrite").parquet(folder)
    if observation.get["rows"]:
        history.apply(target, target.spark.read.schema(differences.schema).parquet(folder))


def _validated(states: DataFrame, contract: Contract, columns: list[str]) -> ValidatedRows:
    """States by the part of the contract that holds for rows without a surrogate key and an interval."""
    part = contract.part(columns)
    given = [F.col(REJECT)] if REJECT in states.columns else []
    reject = F.coalesce(*given, history.too_late()).alias(REJECT)
    return validate_and_quarantine(states.select(*columns, reject), part)
