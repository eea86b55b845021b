"""How one micro-batch gets into its table, once however often it is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract import Checked
from glue_jobs.kinds.counted import counted
from glue_jobs.state.audit import Counts
from glue_jobs.tables.target import Target, append
from schemas import Contract

if TYPE_CHECKING:
    from glue_jobs.run_context import RunContext


class Sink(Protocol):
    def write(self, target: Target, checked: Checked, *, again: bool) -> Counts:
        """Write the sound rows in the transaction of `target`; `again`: an earlier application may have written them already."""


class Append:
    """Every sound row, with the columns that say how it came here."""

    def __init__(self, run: RunContext, contract: Contract) -> None:
        self._run, self._contract = run, contract

    def write(self, target: Target, checked: Checked, *, again: bool) -> Counts:
        pass_ = counted(checked, F.lit(False))
        kept = self._stored(pass_.kept, target.txn.batch_id)
        if again and target.committed:
            kept.write.format("noop").mode("overwrite").save()
        else:
            append(target, kept)
        seen = pass_.seen()
        return Counts(seen["rows_in"], target.commit().rows("numOutputRows"), seen["quarantined"], 0)

    def _stored(self, rows: DataFrame, batch_id: str) -> DataFrame:
        source = self._contract.lake.source
        run_date = F.lit(self._run.run_date) if self._run.env.streams.trigger == "available_now" else F.to_date("_ingest_ts")
        given: dict[str, Any] = {
            "_batch_id": F.lit(batch_id),
            "_source_system": F.lit(source.system if source else None).cast("string"),
            "_run_date": run_date,
        }
        return rows.select(*[given[n].alias(n) if n in given else F.col(n) for n, _ in self._contract.stored])
