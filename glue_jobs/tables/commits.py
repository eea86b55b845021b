"""Reads single commits of a Delta table from the files of its log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.sql import SparkSession

from glue_jobs.session import java_class
from glue_jobs.tables.delta_log import Txn, committed, log_of, version

# The actions of a commit are read into this process.
_MAX_COMMITS = 1000
_MAX_COMMIT_BYTES = 64 * 2**20
_MISSING = "FileNotFoundException"


@dataclass(frozen=True)
class Commit:
    """One entry of the history, with Delta's own row counts."""

    version: int
    metrics: dict[str, int]

    @property
    def merged(self) -> bool:
        """Whether the commit is a MERGE."""
        return "numSourceRows" in self.metrics

    def rows(self, *names: str) -> int:
        """The sum of some metrics; a metric that the commit lacks is 0."""
        return sum(self.metrics.get(n, 0) for n in names)


def version_before(spark: SparkSession, uri: str, moment: datetime) -> int | None:
    """The newest version that was committed before a moment, by the time that its writer states.

    None when the log has none so old. The time of a file is another one after a copy.
    """
    for number in range(version(spark, uri), -1, -1):
        info = _commit_info(spark, uri, number)
        if info is None:
            return None  # Delta deletes the oldest files of a log, so all files before this one are gone too.
        if int(info.get("timestamp", 0)) < moment.timestamp() * 1000:
            return number
    return None


def begins_with_table(spark: SparkSession, uri: str) -> bool:
    """Whether the log still has its first version."""
    return _commit_info(spark, uri, 0) is not None


def commit_of(spark: SparkSession, uri: str, txn: Txn) -> Commit | None:
    """The commit of this batch, however many commits followed it.

    None: the transaction was not committed, or Delta has deleted its file from the log. Reads a file of the
    log for each commit that followed.
    """
    newest = version(spark, uri)
    for number in range(newest, -1, -1):
        actions = _actions(spark, uri, number, ('{"commitInfo"', '{"txn"'))
        if actions is None:
            return None  # Delta deletes the oldest files of a log, so all files before this one are gone too.
        # Delta computes the whole state of a table for its transactions: only where others wrote since.
        if number == newest and not (_holds(actions, txn) or committed(spark, uri, txn)):
            return None
        info: dict[str, Any] = next((a["commitInfo"] for a in actions if "commitInfo" in a), {})
        if info.get("userMetadata") == txn.batch_id:
            metrics = info.get("operationMetrics") or {}
            return Commit(number, {k: int(v) for k, v in metrics.items() if str(v).lstrip("-").isdigit()})
    return None


def _holds(actions: list[dict[str, Any]], txn: Txn) -> bool:
    """Whether the actions of a commit set this transaction."""
    set_by = [action["txn"] for action in actions if "txn" in action]
    return any((of["appId"], int(of["version"])) == (txn.app, txn.version) for of in set_by)


@dataclass(frozen=True)
class ChangedDays:
    """The days of partitions in which some versions added or removed rows, sorted.

    `net_rows`: by how many rows these days have become longer; None when the log does not say.
    """

    days: list[date]
    net_rows: int | None


def changed_days(spark: SparkSession, uri: str, day: str, since: int, until: int) -> ChangedDays | None:
    """The values of partition column `day` in which versions since+1 to until added or removed rows.

    Reads the log alone, which Delta keeps for longer than the files of old versions. None when the table has
    no such partition, rows without a day changed, a file of the log is gone, or the log is longer than this
    process may hold.
    """
    days: set[date] = set()
    net: int | None = 0
    for number in range(since + 1, until + 1):
        small = number - since <= _MAX_COMMITS and _size(spark, uri, number) <= _MAX_COMMIT_BYTES
        actions = _actions(spark, uri, number) if small else None
        if actions is None:
            return None
        for action in actions:
            file = action.get("add") or action.get("remove")
            if file is None or not file.get("dataChange", True):
                continue
            values = file.get("partitionValues") or {}
            if values.get(day) is None:
                return None
            days.add(date.fromisoformat(values[day]))
            rows = json.loads(file.get("stats") or "{}").get("numRecords")
            net = None if net is None or rows is None else net + (rows if "add" in action else -rows)
    return ChangedDays(sorted(days), net)


def _commit_info(spark: SparkSession, uri: str, number: int) -> dict[str, Any] | None:
    """The commitInfo of a version: Delta's history command would start a Spark job.

    None where its file is deleted.
    """
    actions = _actions(spark, uri, number, '{"commitInfo"')
    return None if actions is None else next((a["commitInfo"] for a in actions), {})


def _size(spark: SparkSession, uri: str, number: int) -> int:
    """The bytes of a version's file in the log; 0 when Delta has deleted it."""
    path, configuration = _commit_file(spark, uri, number)
    try:
        return int(path.getFileSystem(configuration).getFileStatus(path).getLen())
    except Py4JJavaError as error:
        if _MISSING in str(error.java_exception):
            return 0
        raise


def _commit_file(spark: SparkSession, uri: str, number: int) -> tuple[Any, Any]:
    """The path of a version's file in the log, and the configuration of its file system (Java objects)."""
    log = log_of(spark, uri)
    path = java_class(spark, "org.apache.hadoop.fs.Path")(log.logPath(), f"{number:020d}.json")
    return path, log.newDeltaHadoopConf()


def _actions(
    spark: SparkSession, uri: str, number: int, prefix: str | tuple[str, ...] = "{"
) -> list[dict[str, Any]] | None:
    """The actions of a version that begin so, from its file; None when Delta has deleted it."""
    path, configuration = _commit_file(spark, uri, number)
    try:
        lines = log_of(spark, uri).store().read(path, configuration).mkString("\n")
    except Py4JJavaError as error:
        if _MISSING in str(error.java_exception):
            return None  # Delta deletes the files of old commits
        raise
    return [json.loads(line) for line in lines.split("\n") if line.startswith(prefix)]
