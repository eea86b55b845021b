"""The numbers of one run, sent to CloudWatch in one call when it ends."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from glue_jobs.aws import clients
from lakehouse.environments import names
from lakehouse.environments.model import Environment
from lakehouse.environments.prices import glue_cost_usd

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.literals import StandardUnitType
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDatumTypeDef

log = logging.getLogger(__name__)

RECORDS = "records_processed_total"
DQ_CRITICAL = "dq_critical_failures"
LATENCY = "latency_seconds"
COST = "cost_estimate_usd"
LAG = "stream_lag_messages"
BATCH_SECONDS = "stream_batch_seconds"
STATE_ROWS = "stream_state_rows"
STATE_BYTES = "stream_state_bytes"
MISSING = "stream_offsets_missing"
FILES, STORED_BYTES, FREED_BYTES = "table_files", "stored_bytes", "freed_bytes_total"
_UNITS: dict[str, StandardUnitType] = {BATCH_SECONDS: "Seconds", STATE_BYTES: "Bytes"}
# CloudWatch takes so many in one call.
MOST_AT_ONCE = 1000


class Metrics:
    """Dimensions are job and environment; rows are counted per table as well.

    Nothing is sent before `flush`.
    """

    def __init__(self, env: Environment, job: str) -> None:
        self._env = env
        self._job = job
        self._rows: Counter[str] = Counter()
        self._files: dict[str, Mapping[str, int]] = {}
        self._dq_critical: int | None = None
        self._seconds: float | None = None
        self._streams: dict[str, dict[str, float]] = {}
        self._missing: Counter[str] = Counter()

    def emit_rowcount(self, table: str, rows: int) -> None:
        """Add rows written to a table."""
        self._rows[table] += rows

    def emit_files(self, table: str, files: Mapping[str, int]) -> None:
        """What became of a table's files, as glue_jobs/job_types/maintain.py counts them; nothing of one that
        was passed over.
        """
        if "files_after" in files:
            self._files[table] = files

    def emit_duration(self, seconds: float) -> None:
        """How long the run took; its estimated cost follows from it."""
        self._seconds = seconds

    def emit_critical_failures(self, failures: int) -> None:
        """Failed critical checks of a gate. Zero is said too: an alarm that hears nothing does not know."""
        self._dq_critical = (self._dq_critical or 0) + failures

    def emit_stream(
        self, table: str, *, lag: int, batch_seconds: float, state_rows: int, state_bytes: int
    ) -> None:
        """The newest numbers of a stream: messages behind the end of its topic, its last micro-batch, and
        what it keeps as state.
        """
        self._streams[table] = {
            LAG: lag,
            BATCH_SECONDS: batch_seconds,
            STATE_ROWS: state_rows,
            STATE_BYTES: state_bytes,
        }

    def emit_missing(self, table: str, offsets: int) -> None:
        """Add offsets of a topic that never came."""
        self._missing[table] += offsets

    @property
    def cost_usd(self) -> float:
        """The estimated Glue cost of the run, 0 until its duration is known."""
        return 0.0 if self._seconds is None else glue_cost_usd(self._env, self._seconds)

    def flush(self) -> bool:
        """Send what was gathered and forget it. An outage is logged and gives False: it never fails a run."""
        data = self._data()
        try:
            cloudwatch = clients(self._env).cloudwatch
            for start in range(0, len(data), MOST_AT_ONCE):
                cloudwatch.put_metric_data(
                    Namespace=names.metrics_namespace(self._env),
                    MetricData=data[start : start + MOST_AT_ONCE],
                )
        except Exception as error:  # whatever it is, the run's rows are written and must stay so
            log.error("%d metrics were not sent: %s", len(data), error)
            return False
        finally:
            self._rows, self._files, self._dq_critical, self._seconds = Counter(), {}, None, None
            self._streams, self._missing = {}, Counter()
        return True

    def _data(self) -> list[MetricDatumTypeDef]:
        at = datetime.now(UTC)
        data: list[MetricDatumTypeDef] = []

        def add(name: str, value: float, unit: StandardUnitType, table: str = "") -> None:
            dimensions: list[DimensionTypeDef] = [
                {"Name": "job", "Value": self._job},
                {"Name": "environment", "Value": self._env.name},
            ]
            if table:
                dimensions.append({"Name": "table", "Value": table})
            data.append(
                {
                    "MetricName": name,
                    "Value": float(value),
                    "Unit": unit,
                    "Dimensions": dimensions,
                    "Timestamp": at,
                }
            )

        for table, rows in sorted(self._rows.items()):
            add(RECORDS, rows, "Count", table)
        if self._rows:
            add(RECORDS, self._rows.total(), "Count")
        for table, files in sorted(self._files.items()):
            add(FILES, files["files_after"], "Count", table)
            add(STORED_BYTES, files["stored_bytes_after"], "Bytes", table)
            add(FREED_BYTES, files["stored_bytes_before"] - files["stored_bytes_after"], "Bytes", table)
        if self._dq_critical is not None:
            add(DQ_CRITICAL, self._dq_critical, "Count")
        if self._seconds is not None:
            add(LATENCY, self._seconds, "Seconds")
            # CloudWatch has no unit of money.
            add(COST, self.cost_usd, "None")
        for table, numbers in sorted(self._streams.items()):
            for name, value in numbers.items():
                add(name, value, _UNITS.get(name, "Count"), table)
        for table, offsets in sorted(self._missing.items()):
            add(MISSING, offsets, "Count", table)
        return data
