"""Reads the newest snapshot of a Delta table: version, properties, columns, and whether a transaction was
committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from glue_jobs.session import java_class

# Delta refuses a second commit of these ids, also from another driver; nothing else makes a write happen
# once.
APP_ID = "spark.databricks.delta.write.txnAppId"
APP_VERSION = "spark.databricks.delta.write.txnVersion"
USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata"
# Table property: the version that wrote the table anew, with columns of other types. The change feed cannot
# be read across it.
REWRITTEN = "lakehouse.rewritten"


@dataclass(frozen=True)
class Txn:
    """The identity of one write: Delta refuses `version` of `app` a second time, from any run."""

    app: str
    version: int
    batch_id: str

    def options(self) -> dict[str, str]:
        """Options of a DataFrameWriter."""
        return {"txnAppId": self.app, "txnVersion": str(self.version), "userMetadata": self.batch_id}


def log_of(spark: SparkSession, uri: str) -> Any:
    """Delta's own log of the table (a Java object)."""
    # A thread of its own has no active session, and Delta asks for one where it reads a checkpoint alone.
    java_class(spark, "org.apache.spark.sql.SparkSession").setActiveSession(spark._jsparkSession)
    log = java_class(spark, "org.apache.spark.sql.delta.DeltaLog")
    return log.forTable(spark._jsparkSession, uri)


def snapshot(spark: SparkSession, uri: str) -> Any:
    """Delta's own snapshot (a Java object) of the newest version."""
    return updated(log_of(spark, uri))


def updated(log: Any) -> Any:
    """The newest snapshot of a log, by `update` with its own default of each parameter.

    The method is private to Delta: another build, such as Amazon's, may have other parameters.
    """
    defaults = []
    for number in range(1, _update_parameters(log) + 1):
        defaults.append(getattr(log, f"update$default${number}")())
    return log.update(*defaults)


def _update_parameters(log: Any) -> int:
    """How many parameters `update` has in the build of Delta that this process has loaded."""
    global _parameters
    if _parameters is None:
        methods = [m for m in log.getClass().getMethods() if str(m.getName()) == "update"]
        _parameters = max(int(method.getParameterCount()) for method in methods)
    return _parameters


_parameters: int | None = None


def version(spark: SparkSession, uri: str) -> int:
    """The newest version; -1 where there is no table."""
    return int(snapshot(spark, uri).version())


def properties(snapshot: Any) -> dict[str, str]:
    """The table properties of a snapshot."""
    pairs = snapshot.metadata().configuration().toSeq()
    return {str(pairs.apply(i)._1()): str(pairs.apply(i)._2()) for i in range(pairs.size())}


def columns(spark: SparkSession, uri: str) -> list[tuple[str, str]]:
    """(name, Spark type) of each column of the newest version, in its order; none where there is no table."""
    fields = snapshot(spark, uri).schema().fields()
    return [(str(f.name()), str(f.dataType().catalogString())) for f in fields]


def rewritten_after(spark: SparkSession, uri: str, since: int) -> bool:
    """Whether a version after `since` wrote the table anew, with columns of other types."""
    return since < int(properties(snapshot(spark, uri)).get(REWRITTEN, -1))


def pinned_rows(spark: SparkSession, uri: str, at: int) -> DataFrame:
    """The table at a version that exists."""
    return spark.read.format("delta").option("versionAsOf", at).load(uri)


def committed(spark: SparkSession, uri: str, txn: Txn) -> bool:
    """Whether this transaction, or a later one of its app, was committed."""
    newest = snapshot(spark, uri)
    if int(newest.version()) < 0:
        return False
    last = newest.transactions().get(txn.app)
    return bool(last.isDefined()) and int(last.get()) >= txn.version
