"""Writes a slowly changing dimension of type 2: a row per version of a key."""

from __future__ import annotations

import uuid
from dataclasses import replace

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from glue_jobs.contract import validate_and_quarantine
from glue_jobs.job_types.reconcile import reconcile
from glue_jobs.job_types.table_write import TableWrite
from glue_jobs.state.audit import Counts
from glue_jobs.tables import read
from glue_jobs.tables import scd2 as history
from glue_jobs.tables.row_counts import observe
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract


def scd2(write: TableWrite) -> None:
    """Writes the versions that follow from the states that arrived.

    Rows in are states. One that changes no tracked column makes no version and counts as deduplicated.
    """
    run, contract = write.run, write.contract
    target = run.target(contract, write.batch)
    first = target.first or write.batch.makes_anew
    natural_key = list(contract.lake.business_key)
    state_columns = [*natural_key, "valid_since", *contract.lake.tracked]
    validated = validate_and_quarantine(write.rows.select(*state_columns), _part(contract, state_columns))
    incoming, metrics = write.staged(observe(validated, F.lit(False)), state_columns)
    if not target.already_written:
        if first:
            _first_versions(write, target, incoming)
        else:
            _merge_versions(write, target, incoming, state_columns)
    commit = target.commit()
    unknown_members = 1 if contract.lake.unknown_member else 0
    added = commit.rows("numOutputRows") - unknown_members if first else commit.rows("numTargetRowsInserted")
    unchanged = max(0, metrics["rows_in"] - metrics["quarantined"] - added)
    counts = Counts(metrics["rows_in"], added, metrics["quarantined"], unchanged)
    reconcile(run, write.batch, target, counts, validated)


def _first_versions(write: TableWrite, target: Target, incoming: DataFrame) -> None:
    contract = write.contract
    natural_key, surrogate = list(contract.lake.business_key), contract.primary_key[0]
    versions = history.versions(incoming.limit(0), incoming, contract, natural_key)
    rows = history.with_surrogate_key(versions, surrogate, natural_key).select(*contract.column_names)
    write.whole(target, write.with_unknown_member(rows).coalesce(1))


def _merge_versions(write: TableWrite, target: Target, incoming: DataFrame, state_columns: list[str]) -> None:
    """Merges what the table lacks. It goes into files first: the MERGE reads its source twice.

    A day on which nothing changed needs no MERGE.
    """
    contract = write.contract
    natural_key, surrogate = list(contract.lake.business_key), contract.primary_key[0]
    stored = read.newest(write.run.session, target.uri, contract.table).join(
        incoming.select(*natural_key).distinct(), natural_key, "left_semi"
    )
    stored = stored.select(*state_columns, "valid_from", "valid_to")
    differences = history.with_surrogate_key(
        history.differences(stored, incoming, contract, natural_key), surrogate, natural_key
    )
    observation = Observation(f"lacking-{uuid.uuid4()}")
    folder = f"{write.run.staging_uri()}/{contract.table}.lacking"
    differences.observe(observation, F.count(F.lit(1)).alias("rows")).write.mode("overwrite").parquet(folder)
    if observation.get["rows"]:
        history.apply(target, target.spark.read.schema(differences.schema).parquet(folder))


def _part(contract: Contract, columns: list[str]) -> Contract:
    """The part of a contract that holds for rows without a surrogate key and an interval."""
    return replace(contract, columns=tuple(contract.by_name[name] for name in columns))
