"""The keys of watermarks and leases. A job type asks for them here, and the stack grants the same."""

from __future__ import annotations

from datetime import date

from lakehouse.contracts.contract import Contract
from lakehouse.pipelines.backfill import BackfillWindow
from lakehouse.pipelines.model import Job

# In the key of a watermark, what follows the table of one day.
OF_DAY = "@"


def ingest_watermark(contract: Contract) -> str:
    """How far a source is read into a bronze table."""
    return contract.lake.watermark_state_key or contract.table


def backfill_watermark(contract: Contract, window: BackfillWindow) -> str:
    """How far a backfill has read its window of a source: that of ordinary runs stays where it is."""
    return f"{ingest_watermark(contract)}{OF_DAY}{window.id}"


def replay_watermark(table: str) -> str:
    """The last replay of a table's rejected rows."""
    return f"replay.{table}"


def rewind_watermark(table: str) -> str:
    """The last rewind of a dimension."""
    return f"rewind.{table}"


def table_watermark(job: Job, table: str) -> str:
    """How far a job has followed the inputs of a table: of a transform, a gate or maintenance."""
    return f"{job.name}.{table}"


def snapshot_watermark(job: Job, table: str, day: date) -> str:
    """How far a job has followed the inputs of one day of a table of days: each day has its own."""
    return f"{table_watermark(job, table)}{OF_DAY}{day}"


def gate_watermark(gate: str, table: str) -> str:
    """Which versions a table and those it refers to had when the gate last passed it."""
    return f"{gate}.{table}"


def results_key(job: Job) -> str:
    """The batch of a gate: which tables it judges next, and the right to judge them."""
    return f"{job.name}.results"


def publish_key(warehouse: str, table: str) -> str:
    """How far a table is published to a warehouse, and the right to publish it there."""
    return f"{warehouse}.{table}"


def stream_lease(job: Job) -> str:
    """The right to run the one application of a stream."""
    return f"stream.{job.name}"
