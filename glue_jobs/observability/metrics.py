"""Collects the numbers of one run, and sends them to CloudWatch in one call when it ends."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from glue_jobs.aws import clients
from lakehouse.environments import metric_names, names
from lakehouse.environments.model import Environment
from lakehouse.environments.prices import glue_cost_usd

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.literals import StandardUnitType
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

log = logging.getLogger(__name__)

_UNITS: dict[str, StandardUnitType] = {
    metric_names.BATCH_SECONDS: "Seconds",
    metric_names.STATE_BYTES: "Bytes",
}
# The limit of one call to CloudWatch.
MAX_DATA_PER_CALL = 1000
# (metric, value, unit, table or an empty text)
_Number = tuple[str, float, "StandardUnitType", str]


class Metrics:
    """The metrics of one job, by job and environment; rows are counted per table as well.

    `flush` sends them.
    """

    def __init__(self, env: Environment, job: str) -> None:
        self._env = env
        self._job = job
        self._clear()

    def _clear(self) -> None:
        self._rows: Counter[str] = Counter()
        self._files: dict[str, Mapping[str, int]] = {}
        self._dq_critical: int | None = None
        self._seconds: float | None = None
        self._streams: dict[str, dict[str, float]] = {}
        self._missing: Counter[str] = Counter()
        # (metric, table) → rows
        self._left: Counter[tuple[str, str]] = Counter()

    def emit_rowcount(self, table: str, rows: int) -> None:
        """Adds rows written to a table."""
        self._rows[table] += rows

    def emit_files(self, table: str, files: Mapping[str, int]) -> None:
        """Records a table's files, as job_types/maintain.py counts them; ignores a table that was passed
        over.
        """
        if "files_after" in files:
            self._files[table] = files

    def emit_left_quarantine(self, table: str, *, replayed: int = 0, discarded: int = 0) -> None:
        """Adds rows that have left a table's quarantine; sends nothing where none has."""
        if replayed:
            self._left[metric_names.REPLAYED, table] += replayed
        if discarded:
            self._left[metric_names.DISCARDED, table] += discarded

    def emit_open(self, table: str, rows: int) -> None:
        """Records how many rows of a table's quarantine are open."""
        self._left[metric_names.QUARANTINE_OPEN, table] = rows

    def emit_duration(self, seconds: float) -> None:
        """Records how long the run took; its estimated cost follows from it."""
        self._seconds = seconds

    def emit_critical_failures(self, failures: int) -> None:
        """Adds failed critical rules of a gate. Zero is sent too: an alarm without data cannot judge."""
        self._dq_critical = (self._dq_critical or 0) + failures

    def emit_stream(
        self, table: str, *, lag: int, batch_seconds: float, state_rows: int, state_bytes: int
    ) -> None:
        """Records a stream's newest numbers: messages behind its topic's end, its last micro-batch, its
        state.
        """
        self._streams[table] = {
            metric_names.LAG: lag,
            metric_names.BATCH_SECONDS: batch_seconds,
            metric_names.STATE_ROWS: state_rows,
            metric_names.STATE_BYTES: state_bytes,
        }

    def emit_missing(self, table: str, offsets: int) -> None:
        """Adds offsets of a topic that never came."""
        self._missing[table] += offsets

    @property
    def cost_usd(self) -> float:
        """The estimated Glue cost of the run in US dollars; 0 until its duration is known."""
        return 0.0 if self._seconds is None else glue_cost_usd(self._env, self._seconds)

    def flush(self) -> bool:
        """Sends the numbers and forgets them. An outage is logged and gives False: it never fails a run."""
        at = datetime.now(UTC)
        data = [self._datum(at, *number) for number in self._numbers()]
        try:
            cloudwatch = clients(self._env).cloudwatch
            for start in range(0, len(data), MAX_DATA_PER_CALL):
                cloudwatch.put_metric_data(
                    Namespace=names.metrics_namespace(self._env),
                    MetricData=data[start : start + MAX_DATA_PER_CALL],
                )
        except Exception as error:  # whatever it is, the run's rows are written and must stay so
            log.error("%d metrics were not sent: %s", len(data), error)
            return False
        finally:
            self._clear()
        return True

    def _datum(
        self, at: datetime, name: str, value: float, unit: StandardUnitType, table: str
    ) -> MetricDatumTypeDef:
        dimensions = {"job": self._job, "environment": self._env.name, **({"table": table} if table else {})}
        return {
            "MetricName": name,
            "Value": float(value),
            "Unit": unit,
            "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions.items()],
            "Timestamp": at,
        }

    def _numbers(self) -> Iterator[_Number]:
        for table, rows in sorted(self._rows.items()):
            yield metric_names.RECORDS, rows, "Count", table
        if self._rows:
            yield metric_names.RECORDS, self._rows.total(), "Count", ""
        for table, files in sorted(self._files.items()):
            freed = files["stored_bytes_before"] - files["stored_bytes_after"]
            yield metric_names.FILES, files["files_after"], "Count", table
            yield metric_names.STORED_BYTES, files["stored_bytes_after"], "Bytes", table
            yield metric_names.FREED_BYTES, freed, "Bytes", table
        if self._dq_critical is not None:
            yield metric_names.DQ_CRITICAL, self._dq_critical, "Count", ""
        if self._seconds is not None:
            yield metric_names.LATENCY, self._seconds, "Seconds", ""
            # CloudWatch has no unit of money.
            yield metric_names.COST, self.cost_usd, "None", ""
        for table, numbers in sorted(self._streams.items()):
            for name, value in numbers.items():
                yield name, value, _UNITS.get(name, "Count"), table
        for (name, table), rows in sorted(self._left.items()):
            yield name, rows, "Count", table
        for table, offsets in sorted(self._missing.items()):
            yield metric_names.MISSING, offsets, "Count", table
