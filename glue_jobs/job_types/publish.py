"""Publishes gold to a warehouse: what changed since the last publish, up to what the gates have passed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from pyspark.sql import DataFrame

from glue_jobs.errors import error_code, explain, first_line
from glue_jobs.job_types.retries import run_tables
from glue_jobs.run_context import Batch, Json, RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.state.batch import FULL_REFRESH
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables import commits, read, table_position
from glue_jobs.tables.day import Day
from glue_jobs.tables.table_position import TablePosition, version_of, version_read
from glue_jobs.warehouses.registry import warehouse_for
from glue_jobs.warehouses.warehouse import Mode, Warehouse
from lakehouse.contracts import Contract
from lakehouse.contracts.masking import readable_columns
from lakehouse.pipelines.job_keys import gate_watermark, publish_key

# What changed cannot be told any more, or what the warehouse holds is not what it was sent.
_WHOLE_AFTER = ("RUN151", "RUN212")


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
        def plan(position: Json) -> Json:
            judged, published = _judged(run, contract.table), table_position.parse(position)
            if judged is None:
                run.warn(f"no gate has passed {contract.table} yet", table=contract.table)
                return position
            same_id = published is not None and published.id in ("", judged.id)
            if contract.table in run.force and judged.version >= 0:
                return {**judged.as_json(), FULL_REFRESH: run.run_id}
            older = published is not None and same_id and judged.version <= published.version
            return position if older or judged.version < 0 else judged.as_json()

        resource = publish_key(self.warehouse, contract.table)
        with run.batch(resource, resource, plan) as batch:
            if batch is not None:
                written = _Sending(run, warehouse, contract, batch).send()
                run.count(contract.table, Counts(rows_in=written, written=written))
            else:
                run.count_unchanged(contract.table, resource)


def _guarded(contract: Contract) -> Contract:
    """The contract without the personal data that can be read: a warehouse knows no tags that guard it."""
    readable = readable_columns(contract)
    return replace(contract, columns=tuple(c for c in contract.columns if c.name not in readable))


def _judged(run: RunContext, table: str) -> TablePosition | None:
    """The version that every gate of the table has passed, or the newest one of a table without a gate.

    None when a gate has passed none of this table: what it passed of one that was made anew is gone.
    """
    newest = table_position.current(run.session, run.uri(table))
    # A gate passes over a table that has no suite.
    gates = [gate for gated, gate in run.job.gates if gated == table and table in run.schemas.suites]
    if not gates:
        return newest
    states = [Watermarks(run.env).read(gate_watermark(gate, table)).position for gate in gates]
    passed = [TablePosition(s.get("ids", {}).get(table, ""), s["versions"][table]) for s in states if s]
    if len(passed) < len(gates) or not all(p.is_same_table(newest) for p in passed):
        return None
    return TablePosition(newest.id, min(p.version for p in passed))


@dataclass(frozen=True)
class _Sending:
    """One batch of one table: what changed, or all of it where that does not do."""

    run: RunContext
    warehouse: Warehouse
    contract: Contract
    batch: Batch

    def send(self) -> int:
        """The rows sent."""
        contract = self.contract
        if self._since() is None or self.batch.makes_anew or contract.lake.write == "replace":
            return self._send_all()
        try:
            return self._send_days() if contract.lake.recompute_by else self._send_changes()
        except Exception as raised:
            error = explain(raised)
            if error_code(error) not in _WHOLE_AFTER:
                raise
            # The way back from a feed that is gone, and from a warehouse that holds other rows than the lake.
            self.run.warn(f"published whole: {first_line(error)}", table=contract.table)
            return self._send_all()

    def _send_all(self) -> int:
        return self._publish(self._rows(), "replace")

    def _send_changes(self) -> int:
        since, until = self._versions()
        uri = self.run.uri(self.contract.table)
        # Each key once: the warehouse deletes by key and inserts, and two rows of a key would both stay.
        net = read.net_rows(self.run.session, uri, self.contract.primary_key, since, until)
        return self._publish(net, "merge")

    def _send_days(self) -> int:
        """By the log where days are partitions: it outlives the files of old versions."""
        day, (since, until), session = (
            str(self.contract.lake.recompute_by),
            self._versions(),
            self.run.session,
        )
        uri = self.run.uri(self.contract.table)
        if day in self.contract.lake.partition_by:
            days: list[Day] | None
            changed = commits.changed_days(session, uri, day, since, until)
            days = None if changed is None else [*changed.days]
        else:
            days = read.changed_days(session, uri, day, since, until)
        dates = [d for d in days or () if d is not None]
        # No warehouse finds rows without a day by their day.
        if days is None or len(dates) < len(days):
            return self._send_all()
        rows = self._rows()
        return self._publish(rows.where(rows[day].isin(dates)), "replace_days", dates) if dates else 0

    def _publish(self, rows: DataFrame, mode: Mode, days: list[date] | None = None) -> int:
        # Delta counts a version by its log.
        total = self._rows().count()
        return self.warehouse.publish(
            self.contract, rows, mode=mode, days=days, run_id=self.batch.run_id, total=total
        )

    def _rows(self) -> DataFrame:
        """All rows of the version that is published."""
        table = self.contract.table
        return read.pinned(self.run.session, self.run.uri(table), table, self._versions()[1])

    def _since(self) -> int | None:
        """The version that was published last; None when nothing of this table was."""
        return version_read(self.batch.position, self.batch.until)

    def _versions(self) -> tuple[int, int]:
        since = self._since()
        return -1 if since is None else since, version_of(self.batch.until)
