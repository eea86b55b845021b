"""Ends a batch: writes its quarantine and checks that no row went missing."""

from __future__ import annotations

import uuid

from pyspark.sql import Observation
from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows
from glue_jobs.errors import RunError
from glue_jobs.run_context import Batch, RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.tables.quarantine import quarantined_rows, write_quarantine
from lakehouse.contracts import Contract


def reconcile(
    run: RunContext, batch: Batch, contract: Contract, counts: Counts, validated: ValidatedRows
) -> None:
    """Writes the rejected rows to quarantine and records the counts of the table.

    Raises RunError: the source changed between two readings (RUN203), or the counts do not add up (RUN202). A
    batch with too many rejected rows is a problem of the run (RUN112), raised when the run ends.
    """
    if counts.quarantined:
        _quarantine(run, batch, contract, counts, validated)
    if not counts.balanced:
        raise RunError(f"{contract.table}: rows went missing: {counts}", code="RUN202")
    run.count(contract.table, counts)


def _quarantine(
    run: RunContext, batch: Batch, contract: Contract, counts: Counts, validated: ValidatedRows
) -> None:
    uri = run.quarantine_uri(contract, batch)
    rows, observation = quarantined_rows(validated, contract), Observation(f"quarantine-{uuid.uuid4()}")
    write_quarantine(rows.observe(observation, F.count(F.lit(1)).alias("rows")), uri, batch.batch_id)
    written = observation.get["rows"]
    if written != counts.quarantined:
        raise RunError(
            f"{contract.table}: {counts.quarantined} rows were rejected and {written} reached {uri}: "
            "the source changed between two readings; start this run again",
            code="RUN203",
        )
    run.log.warning(
        "rows quarantined", extra={"table": contract.table, "quarantined": counts.quarantined, "lane": uri}
    )
    run.report_broken_source(contract.table, counts, f"see {uri}")
