"""Gold into a warehouse: what changed since the last publish, by staged merge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glue_jobs.job_types.concurrency import side_by_side
from glue_jobs.run_context import Batch, RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.tables import delta_log, read
from lakehouse.contracts import Contract
from lakehouse.environments import names


@dataclass(frozen=True)
class Publish:
    """Publishes every table that the job row reads to one warehouse."""

    warehouse: str

    def execute(self, run: RunContext) -> None:
        # The clients of the warehouses take a second to import; most runs publish nothing.
        from glue_jobs.warehouses.registry import warehouse_for

        staging = names.staging_uri(run.env, run.job.name, run.run_id)
        sink = warehouse_for(self.warehouse, run.env, run.secrets, run.aws, staging)
        side_by_side(lambda table: self._publish(run, sink, run.contract(table)), run.job.reads)

    def _publish(self, run: RunContext, sink: Any, contract: Contract) -> None:
        uri = run.uri(contract.table)

        def plan(position: Any) -> Any:
            now = delta_log.version(run.session, uri)
            return {"version": now} if now >= 0 else position

        resource = f"{self.warehouse}.{contract.table}"
        with run.batch(resource, resource, plan) as batch:
            if batch is None:
                run.count(contract.table, Counts())
                return
            written = self._send(run, sink, contract, batch, uri)
            run.count(contract.table, Counts(rows_in=written, written=written))

    def _send(self, run: RunContext, sink: Any, contract: Contract, batch: Batch, uri: str) -> int:
        until, since = batch.until["version"], batch.position["version"] if batch.position else None
        day = contract.lake.recompute_by
        rows = read.pinned(run.session, uri, contract.table, until)
        if since is None or contract.lake.write == "replace":
            return int(sink.publish(contract, rows, mode="replace", days=None, run_id=batch.run_id))
        if day:
            days = read.changed_days(run.session, uri, day, since, until)
            return (
                int(
                    sink.publish(
                        contract,
                        rows.where(rows[day].isin(days)),
                        mode="replace_days",
                        days=days,
                        run_id=batch.run_id,
                    )
                )
                if days
                else 0
            )
        if contract.lake.write == "scd2":
            # A version that turned out to be none is gone from the table, and must go from the warehouse.
            return int(sink.publish(contract, rows, mode="replace", days=None, run_id=batch.run_id))
        return int(
            sink.publish(
                contract,
                read.new_rows(run.session, uri, since, until),
                mode="merge",
                days=None,
                run_id=batch.run_id,
            )
        )
