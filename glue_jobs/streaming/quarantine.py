"""The error lane of a stream: a folder for each micro-batch below that of the run, the same one when the batch is done again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows
from glue_jobs.contract.validate import POSITION
from glue_jobs.s3 import S3Uri
from glue_jobs.streaming.checkpoint import Checkpoint
from glue_jobs.streaming.messages import CARRIED
from glue_jobs.tables.quarantine import quarantined_rows, write_quarantine
from lakehouse.contracts import Contract
from lakehouse.environments import names

if TYPE_CHECKING:
    from glue_jobs.run_context import RunContext

NOTE = "lane.json"


class Lane:
    """Of one query. Where a batch's lane is gets noted before it is written: a run that does the batch again has another id."""

    def __init__(self, run: RunContext, contract: Contract, checkpoint: Checkpoint) -> None:
        self._run, self._contract, self._checkpoint = run, contract, checkpoint

    def uri(self, batch: int) -> str:
        noted = self._checkpoint.noted(NOTE)
        if noted and noted["batch"] == batch:
            return str(noted["lane"])
        day = (
            self._run.run_date
            if self._run.env.streams.trigger == "available_now"
            else datetime.now(UTC).date()
        )
        uri = f"{names.error_lane(self._run.env, self._contract.table, day, self._run.run_id)}/batch={batch}"
        self._checkpoint.note(NOTE, {"batch": batch, "lane": uri})
        return uri

    def write(self, checked: ValidatedRows, batch: int, batch_id: str) -> str:
        """The rejected rows of a batch; returns where."""
        uri, rows = self.uri(batch), checked.rows
        if CARRIED[0] in rows.columns:
            topic = self._contract.lake.source.object if self._contract.lake.source else ""
            place = F.concat(F.lit(f"{topic}-"), CARRIED[0], F.lit("@"), CARRIED[1])
            rows = rows.withColumn(POSITION, place).drop(*CARRIED)
        write_quarantine(
            quarantined_rows(ValidatedRows(rows, checked.is_invalid, checked.explain), self._contract),
            uri,
            batch_id,
        )
        return uri

    def write_gaps(self, gaps: list[tuple[str, str]], batch: int, batch_id: str) -> None:
        """(source position, reason) of offsets that never came: there is no row, and something must say so."""
        file = S3Uri.parse(self.uri(batch)).child("gaps.json")
        lines = [
            json.dumps(
                {
                    "reasons": [reason], "table": self._contract.table, "contract_version": self._contract.lake.version,
                    "source_position": place, "raw": None, "row": None, "batch_id": batch_id,
                }
            )
            for place, reason in gaps
        ]  # fmt: skip
        self._run.aws.s3.put_object(Bucket=file.bucket, Key=file.key, Body="\n".join(lines).encode())
