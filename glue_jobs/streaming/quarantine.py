"""Writes the quarantine of a stream: a folder per micro-batch, the same one when the batch is done again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows
from glue_jobs.contract.validate import POSITION
from glue_jobs.s3 import S3Uri
from glue_jobs.streaming.checkpoint import Checkpoint
from glue_jobs.streaming.gaps import Gap
from glue_jobs.streaming.messages import OFFSET_COLUMNS
from glue_jobs.tables.quarantine import quarantined_rows, write_quarantine
from lakehouse.contracts import Contract
from lakehouse.environments import names

if TYPE_CHECKING:
    from glue_jobs.run_context import RunContext

NOTE = "lane.json"


class StreamQuarantine:
    """The quarantine of one query.

    The folder of a batch is noted in the checkpoint before it is written: a run that does the batch again has
    another run id, and writes the same folder.
    """

    def __init__(self, run: RunContext, contract: Contract, checkpoint: Checkpoint) -> None:
        self._run, self._contract, self._checkpoint = run, contract, checkpoint

    def uri(self, batch: int) -> str:
        """The folder of a micro-batch."""
        note = self._checkpoint.read_note(NOTE)
        if note and note["batch"] == batch:
            return str(note["lane"])
        run, drained = self._run, self._run.env.streams.trigger == "available_now"
        day = run.run_date if drained else datetime.now(UTC).date()
        uri = f"{names.quarantine_uri(run.env, self._contract.table, day, run.run_id)}/batch={batch}"
        self._checkpoint.write_note(NOTE, {"batch": batch, "lane": uri})
        return uri

    def write(self, validated: ValidatedRows, batch: int, batch_id: str) -> str:
        """Writes the rejected rows of a batch; returns the folder."""
        uri, rows = self.uri(batch), validated.rows
        partition, offset = OFFSET_COLUMNS
        if partition in rows.columns:
            topic = self._contract.lake.source.object if self._contract.lake.source else ""
            position = F.concat(F.lit(f"{topic}-"), partition, F.lit("@"), offset)
            rows = rows.withColumn(POSITION, position).drop(*OFFSET_COLUMNS)
        write_quarantine(quarantined_rows(replace(validated, rows=rows), self._contract), uri, batch_id)
        return uri

    def write_gaps(self, gaps: list[Gap], batch: int, batch_id: str) -> None:
        """Writes a line per gap: offsets that never came have no row that could carry the reason."""
        lines = [
            json.dumps(
                {
                    "reasons": [reason],
                    "table": self._contract.table,
                    "contract_version": self._contract.lake.version,
                    "source_position": position,
                    "raw": None,
                    "row": None,
                    "batch_id": batch_id,
                }
            )
            for position, reason in gaps
        ]
        file = S3Uri.parse(self.uri(batch)).child("gaps.json")
        self._run.aws.s3.put_object(Bucket=file.bucket, Key=file.key, Body="\n".join(lines).encode())
