"""What a table's Delta log says: does it exist, which version, was this transaction already committed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

# Delta has no isolation between a write's own "have I run before" and another driver's commit beyond these ids.
APP_ID = "spark.databricks.delta.write.txnAppId"
APP_VERSION = "spark.databricks.delta.write.txnVersion"
USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata"


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

    def rows(self, *names: str) -> int:
        return sum(self.metrics.get(n, 0) for n in names)


def _snapshot(spark: SparkSession, uri: str) -> Any:
    jvm = spark._jvm
    assert jvm is not None
    none = jvm.scala.Option.empty()
    return jvm.org.apache.spark.sql.delta.DeltaLog.forTable(spark._jsparkSession, uri).update(False, none, none)


def version(spark: SparkSession, uri: str) -> int:
    """The newest version; -1 where there is no table."""
    return int(_snapshot(spark, uri).version())


def committed(spark: SparkSession, uri: str, txn: Txn) -> bool:
    """Has this very transaction, or a later one of its app, been committed?"""
    snapshot = _snapshot(spark, uri)
    if int(snapshot.version()) < 0:
        return False
    found = snapshot.transactions().get(txn.app)
    return bool(found.isDefined()) and int(found.get()) >= txn.version


def commit_of(spark: SparkSession, uri: str, txn: Txn) -> Commit | None:
    """The commit that carries this batch, among the last twenty."""
    from delta.tables import DeltaTable

    history = DeltaTable.forPath(spark, uri).history(20).select("version", "operationMetrics", "userMetadata")
    for row in history.collect():
        if row.userMetadata == txn.batch_id:
            return Commit(row.version, {k: int(v) for k, v in (row.operationMetrics or {}).items() if str(v).lstrip("-").isdigit()})
    return None
