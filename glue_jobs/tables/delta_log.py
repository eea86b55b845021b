"""What a table's Delta log says: does it exist, which version, was this transaction already committed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.sql import SparkSession

# Delta has no isolation between a write's own "have I run before" and another driver's commit beyond these ids.
APP_ID = "spark.databricks.delta.write.txnAppId"
APP_VERSION = "spark.databricks.delta.write.txnVersion"
USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata"
# A run looks for its own commit: others that came after it are few.
MAX_COMMITS_READ = 20


@dataclass(frozen=True)
class Txn:
    """The name of one write: Delta refuses `version` of `app` a second time, whoever brings it."""

    app: str
    version: int
    batch_id: str

    def options(self) -> dict[str, str]:
        return {"txnAppId": self.app, "txnVersion": str(self.version), "userMetadata": self.batch_id}


@dataclass(frozen=True)
class Commit:
    """One entry of the history with Delta's own row counts."""

    version: int
    metrics: dict[str, int]

    @property
    def merged(self) -> bool:
        return "numSourceRows" in self.metrics

    def rows(self, *names: str) -> int:
        return sum(self.metrics.get(n, 0) for n in names)


def _log(spark: SparkSession, uri: str) -> Any:
    jvm = spark._jvm
    assert jvm is not None
    return jvm.org.apache.spark.sql.delta.DeltaLog.forTable(spark._jsparkSession, uri)


def snapshot(spark: SparkSession, uri: str) -> Any:
    jvm = spark._jvm
    assert jvm is not None
    none = jvm.scala.Option.empty()
    return _log(spark, uri).update(False, none, none)


def version(spark: SparkSession, uri: str) -> int:
    """The newest version; -1 where there is no table."""
    return int(snapshot(spark, uri).version())


def committed(spark: SparkSession, uri: str, txn: Txn) -> bool:
    """Has this very transaction, or a later one of its app, been committed?"""
    newest = snapshot(spark, uri)
    if int(newest.version()) < 0:
        return False
    last = newest.transactions().get(txn.app)
    return bool(last.isDefined()) and int(last.get()) >= txn.version


def commit_of(spark: SparkSession, uri: str, txn: Txn) -> Commit | None:
    """The commit that carries this batch, among the last twenty."""
    newest = version(spark, uri)
    for number in range(newest, max(-1, newest - MAX_COMMITS_READ), -1):
        info = _commit_info(spark, uri, number)
        if info.get("userMetadata") == txn.batch_id:
            metrics = info.get("operationMetrics") or {}
            return Commit(number, {k: int(v) for k, v in metrics.items() if str(v).lstrip("-").isdigit()})
    return None


def _commit_info(spark: SparkSession, uri: str, number: int) -> dict[str, Any]:
    """What a commit says of itself. Read from its file: Delta's own history is a Spark job of its own, for one line."""
    jvm: Any = spark._jvm
    log = _log(spark, uri)
    try:
        path = jvm.org.apache.hadoop.fs.Path(log.logPath(), f"{number:020d}.json")
        lines = log.store().read(path, log.newDeltaHadoopConf()).mkString("\n")
    except Py4JJavaError as error:
        if "FileNotFoundException" in str(error.java_exception):
            return {}  # so old that Delta has cleaned it up
        raise
    actions = (json.loads(line) for line in lines.split("\n") if line.startswith('{"commitInfo"'))
    return dict(next((a["commitInfo"] for a in actions), {}))
