"""Stores the results of a gate: rows of a Delta table per layer, and a JSON document per table."""

from __future__ import annotations

from datetime import date

from glue_jobs.quality.result import Result
from glue_jobs.quality.results import RESULTS_DDL, results_key, to_document, to_rows
from glue_jobs.run_context import Batch, RunContext
from glue_jobs.s3 import S3Uri
from glue_jobs.state.lease import lease
from glue_jobs.tables.delta_log import Txn
from glue_jobs.tables.results import append_results
from lakehouse.environments import names


def store(run: RunContext, batch: Batch, results: dict[str, list[Result]]) -> None:
    """Stores the results under the id of the run that planned the batch, once however often it is tried."""
    results = {table: rules for table, rules in results.items() if rules}
    run_date = date.fromisoformat(next(iter(batch.until["tables"].values()))["run_date"])
    for table in results:
        _put_document(run, batch, run_date, table, results[table])
    for layer in sorted({table.split(".")[0] for table in results}):
        of_layer = [r for table, rules in results.items() if table.startswith(f"{layer}.") for r in rules]
        rows = to_rows(of_layer, batch.run_id, run_date, run.job.name)
        frame = run.session.createDataFrame(rows, RESULTS_DDL).coalesce(1)
        txn = Txn(f"{batch.key}.{layer}", batch.number, batch.batch_id)
        # The gates of all pipelines append to the one table of a layer.
        with lease(run.env, names.dq_results_lease(layer), run.run_id) as guard:
            append_results(frame, f"{names.dq_results_root(run.env)}/{layer}/results", txn, guard.check)


def _put_document(run: RunContext, batch: Batch, run_date: date, table: str, results: list[Result]) -> None:
    document = to_document(
        table,
        results,
        run_id=batch.run_id,
        run_date=run_date,
        job=run.job.name,
        key=run.contract(table).primary_key,
    )
    file = S3Uri.parse(names.dq_results_root(run.env)).child(results_key(table, run_date, batch.run_id))
    run.aws.s3.put_object(Bucket=file.bucket, Key=file.key, Body=document.encode())
