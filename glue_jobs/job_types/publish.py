"""Publishes gold to a warehouse: the changes since the last publish, by a staged merge."""

from __future__ import annotations

from dataclasses import dataclass, replace

from glue_jobs.job_types.retries import run_tables
from glue_jobs.run_context import Batch, Json, RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.tables import delta_log, read
from glue_jobs.warehouses.registry import warehouse_for
from glue_jobs.warehouses.warehouse import Warehouse
from lakehouse.contracts import Contract
from lakehouse.contracts.masking import readable_columns
from lakehouse.pipelines.job_keys import publish_key


@dataclass(frozen=True)
class Publish:
    """Publishes every table that the job row reads to one warehouse."""

    warehouse: str

    def execute(self, run: RunContext) -> None:
        warehouse = warehouse_for(self.warehouse, run.env, run.secrets, run.aws, run.staging_uri())
        run_tables(
            run, lambda table: self._publish(run, warehouse, _guarded(run.contract(table))), run.job.reads
        )

    def _publish(self, run: RunContext, warehouse: Warehouse, contract: Contract) -> None:
        uri = run.uri(contract.table)

        def plan(position: Json) -> Json:
            version = delta_log.version(run.session, uri)
            return {"version": version} if version >= 0 else position

        resource = publish_key(self.warehouse, contract.table)
        with run.batch(resource, resource, plan) as batch:
            written = _send(run, warehouse, contract, batch) if batch is not None else 0
            run.count(contract.table, Counts(rows_in=written, written=written))


def _guarded(contract: Contract) -> Contract:
    """The contract without the personal data that can be read: a warehouse knows no tags that guard it."""
    readable = readable_columns(contract)
    return replace(contract, columns=tuple(c for c in contract.columns if c.name not in readable))


def _send(run: RunContext, warehouse: Warehouse, contract: Contract, batch: Batch) -> int:
    """The rows sent: all of them, those of the changed days, or those that changed."""
    uri, until = run.uri(contract.table), batch.until["version"]
    since = batch.position["version"] if batch.position else None
    day = contract.lake.recompute_by
    rows = read.pinned(run.session, uri, contract.table, until)
    # An SCD2 version that turned out to be none is gone from the table, and must go from the warehouse: all
    # rows.
    if since is None or contract.lake.write == "replace" or (contract.lake.write == "scd2" and not day):
        return warehouse.publish(contract, rows, mode="replace", days=None, run_id=batch.run_id)
    if not day:
        # Each key once: the warehouse deletes by key and inserts, and two rows of a key would both stay.
        new = read.newest_rows(run.session, uri, contract.primary_key, since, until)
        return warehouse.publish(contract, new, mode="merge", days=None, run_id=batch.run_id)
    days = read.changed_days(run.session, uri, day, since, until)
    if not days:
        return 0
    of_days = rows.where(rows[day].isin(days))
    return warehouse.publish(contract, of_days, mode="replace_days", days=days, run_id=batch.run_id)
