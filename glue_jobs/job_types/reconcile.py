"""Ends a batch: writes its quarantine and checks that no row went missing."""

from __future__ import annotations

import uuid
from dataclasses import replace

from pyspark.sql import Observation
from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows
from glue_jobs.errors import RunError
from glue_jobs.run_context import Batch, RunContext
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.state.audit import Counts
from glue_jobs.tables import commits
from glue_jobs.tables.commits import Commit
from glue_jobs.tables.quarantine import AGAIN, flag_quarantined, quarantined_rows, write_quarantine
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract
from lakehouse.environments import names


def reconcile(
    run: RunContext, batch: Batch, target: Target, counts: Counts, validated: ValidatedRows
) -> None:
    """Writes the rejected rows to quarantine and records the counts of the table.

    Raises RunError: the source changed between two readings (RUN203), or the counts do not add up (RUN202). A
    batch with too many rejected rows is a problem of the run (RUN112), raised when the run ends. A batch that
    an earlier run has written is taken as written: its source may have moved on, so a difference is a
    warning.
    """
    contract = target.contract
    if target.already_written:
        counts = _as_written(run, target, counts)
    if counts.quarantined:
        counts = _quarantine(run, batch, contract, counts, validated)
    if not counts.balanced:
        raise RunError(f"{contract.table}: rows went missing: {counts}", code="RUN202")
    run.count(contract.table, counts, batch.batch_id)


def _as_written(run: RunContext, target: Target, counts: Counts) -> Counts:
    """The counts of a batch that an earlier run wrote: those of its commit, and of what is rejected now."""
    table = target.contract.table
    _require_commit(target)
    if counts.balanced:
        return counts
    taken = counts.written + counts.quarantined + counts.deduplicated
    run.warn(
        f"{table}: an earlier run wrote {counts.written} rows of batch {target.txn.batch_id}, and its source "
        f"gives {counts.rows_in} rows of it now ({counts}); the table is taken as written"
    )
    return replace(counts, rows_in=taken)


def _require_commit(target: Target) -> Commit:
    """The commit of a batch that the table seems to have.

    Raises RunError (RUN143) when the log has none: another batch had this number, as after a restore of the
    watermarks, so nothing says that the rows of this one were written.
    """
    commit = commits.commit_of(target.spark, target.uri, target.txn)
    if commit is None:
        raise RunError(
            f"{target.contract.table}: it has transaction {target.txn.version} of '{target.txn.app}', and no "
            f"commit of batch {target.txn.batch_id}: the watermark was restored, or the log of that time is "
            "deleted; see docs/errors/RUN143.md",
            code="RUN143",
        )
    return commit


def count_unread(run: RunContext, batch: Batch, target: Target, error: RunError) -> None:
    """Counts a batch that an earlier run wrote, and that its source no longer has: by its commit alone."""
    written = _require_commit(target).rows("numOutputRows")
    table = target.contract.table
    run.warn(
        f"{table}: an earlier run wrote {written} rows of batch {batch.batch_id}; "
        f"its rejected rows cannot be counted again: {error}"
    )
    run.count(table, Counts(written, written), batch.batch_id)


def _quarantine(
    run: RunContext, batch: Batch, contract: Contract, counts: Counts, validated: ValidatedRows
) -> Counts:
    """Writes the rejected rows; those that an earlier batch has quarantined count as deduplicated."""
    uri = run.quarantine_uri(contract, batch)
    # A source is read again by its overlap window, after a reset, and where a row has no watermark.
    existing = _quarantined_before(run, contract, uri) if contract.lake.source else []
    # Above the join: a metric below an exchange is lost where adaptive execution finds its stage empty.
    observation = Observation(f"quarantine-{uuid.uuid4()}")
    rows = flag_quarantined(quarantined_rows(validated, contract), existing).observe(
        observation, F.count(F.lit(1)).alias("rows"), F.count_if(AGAIN).alias("again")
    )
    write_quarantine(rows.where(~F.col(AGAIN)).drop(AGAIN), uri, batch.batch_id)
    metrics = observation.get
    if metrics["rows"] != counts.quarantined:
        raise RunError(
            f"{contract.table}: {counts.quarantined} rows were rejected and {metrics['rows']} reached {uri}: "
            "the source changed between two readings; start this run again",
            code="RUN203",
        )
    again = metrics["again"]
    new = counts.quarantined - again
    counts = replace(counts, quarantined=new, deduplicated=counts.deduplicated + again)
    if new:
        fields = {"table": contract.table, "quarantined": new, "lane": uri}
        run.log.warning("rows quarantined", extra=fields)
    run.report_broken_source(contract.table, counts, f"see {uri}")
    return counts


def _quarantined_before(run: RunContext, contract: Contract, uri: str) -> list[str]:
    """The files of the table's quarantine that other batches wrote."""
    table_key = S3Uri.parse(uri).folder.key
    table = S3Uri.parse(names.quarantine_root(run.env, contract.table)).folder
    keys = (key for key in list_keys(run.aws.s3, table) if "/run_id=" in key and key.endswith(".json"))
    return [str(S3Uri(table.bucket, key)) for key in keys if not key.startswith(table_key)]
