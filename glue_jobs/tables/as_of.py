"""A table as it was known at the end of a day, as a partition `as_of_date` of a table that keeps such days.

Bronze keeps every row with its `_ingest_ts`. Of silver and gold it is the version that was the newest then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.errors import RunError
from glue_jobs.tables import commits, delta_log
from glue_jobs.tables.guarded_write import guarded
from lakehouse.contracts import Contract
from lakehouse.environments.names import AS_OF_COLUMN

EXPIRES = "_expires_on"


@dataclass(frozen=True)
class AsOf:
    """A table of the lake and the day at whose end, in UTC, it is to be seen. `uri`: where the table lies."""

    spark: SparkSession
    contract: Contract
    uri: str
    day: date

    @property
    def _end(self) -> datetime:
        return datetime.combine(self.day + timedelta(days=1), time(0), UTC)

    @property
    def in_itself(self) -> bool:
        """Whether the table has the column itself, so that its own partition of the day is written."""
        return AS_OF_COLUMN in self.contract.by_name

    @property
    def _keeps_all(self) -> bool:
        return self.contract.layer == "bronze" and self.contract.lake.write == "append"

    def version(self) -> int:
        """The version to read. Raises RunError: RUN201 without a table, RUN604 when its log is younger."""
        newest = delta_log.version(self.spark, self.uri)
        if newest < 0:
            raise RunError(f"there is no table {self.contract.table} at {self.uri}", code="RUN201")
        if self._keeps_all:
            return newest
        version = commits.version_before(self.spark, self.uri, self._end)
        if version is None:
            raise RunError(
                f"{self.contract.table} has no state of the end of {self.day}: its log begins later",
                code="RUN604",
            )
        return version

    def rows(self) -> DataFrame:
        """The rows that were known then; of a table of such days those of its day."""
        rows = delta_log.pinned_rows(self.spark, self.uri, self.version())
        if self._keeps_all:
            rows = rows.where(F.col("_ingest_ts") < F.lit(self._end).cast("timestamp"))
        return rows.where(F.col(AS_OF_COLUMN) == F.lit(self.day)) if self.in_itself else rows

    def write(self, uri: str, expires: date, guard: Callable[[], None]) -> int:
        """Replaces the partition of the day in the table at `uri` by these rows; returns how many they are.

        A table of its own gets the day, and the day on which the partition expires.
        """
        rows = self.rows()
        if not self.in_itself:
            rows = rows.withColumn(AS_OF_COLUMN, F.lit(self.day)).withColumn(EXPIRES, F.lit(expires))
        condition = f"{AS_OF_COLUMN} = date'{self.day}'"
        writer = rows.write.format("delta").mode("overwrite").option("mergeSchema", "true")
        if delta_log.version(self.spark, uri) >= 0:
            writer = writer.option("replaceWhere", condition)
        else:
            writer = writer.option("delta.enableDeletionVectors", "false").partitionBy(AS_OF_COLUMN)
        with guarded(self.spark, guard):
            writer.save(uri)
        return self.spark.read.format("delta").load(uri).where(condition).count()


def delete_expired(
    spark: SparkSession, uri: str, today: date, retain_hours: float, guard: Callable[[], None]
) -> bool:
    """Deletes the partitions that have expired, and the files that no reader may need. Whether any had."""
    table, condition = DeltaTable.forPath(spark, uri), f"{EXPIRES} < date'{today}'"
    if table.toDF().where(condition).isEmpty():
        return False
    with guarded(spark, guard):
        table.delete(condition)
    table.vacuum(retain_hours)
    return True
