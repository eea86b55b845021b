"""A Redshift table: by partitioned JDBC, or by UNLOAD to S3."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from glue_jobs.connections.redshift import is_no_such_table, jdbc_options, redshift
from glue_jobs.connections.sql_names import qualified, quoted
from glue_jobs.sources.incremental import Window
from glue_jobs.sources.source import SourceError
from lakehouse.contracts import SourcedContract
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from glue_jobs.aws import Aws
    from glue_jobs.observability.secrets import Secrets

# PostgreSQL's type numbers, which Redshift kept.
DATE, TIMESTAMP, TIMESTAMPTZ = 1082, 1114, 1184
FETCH_ROWS = "10000"


class RedshiftTable:
    """`<schema>.<table>` of the contract. Timestamps without a zone are UTC."""

    def __init__(
        self,
        contract: SourcedContract,
        env: Environment,
        spark: SparkSession,
        secrets: Secrets,
        aws: Aws,
        staging_uri: str,
    ) -> None:
        self._contract, self._env, self._spark, self._secrets, self._aws = contract, env, spark, secrets, aws
        self._source = contract.source
        self._staging = staging_uri
        self.where = f"Redshift {self._source.object}"
        self._name = qualified(self._source.object, str.lower)

    def columns(self) -> list[str]:
        return list(self._types)

    def newest(self, watermark: str, before: datetime) -> tuple[datetime | None, bool]:
        column = quoted(watermark)
        bound = self._literal(watermark, before)
        newest, without = self._one(
            f"SELECT MAX({column}), COUNT(*) - COUNT({column}) FROM {self._name} WHERE {column} < {bound} OR {column} IS NULL"
        )
        return _utc(newest), without > 0

    def rows(self, columns: dict[str, str], watermark: str, window: Window) -> DataFrame:
        items = ", ".join(f"{self._item(source)} AS {quoted(name)}" for name, source in columns.items())
        where = f"FROM {self._name} WHERE {self._within(watermark, window)}"
        if self._env.redshift.transfer == "unload":
            return self._unload(f"SELECT {items} {where}")
        reader = self._spark.read.format("jdbc").options(**jdbc_options(self._env, self._secrets))
        split = self._split(columns, where)
        return reader.options(
            dbtable=f"(SELECT {items} {where}) AS source",
            fetchsize=FETCH_ROWS,
            sessionInitStatement="SET timezone = 'UTC'",
            **split,
        ).load()

    def _split(self, columns: dict[str, str], where: str) -> dict[str, str]:
        """Spark's options for a parallel read, from the range of the partition column; none without one. Nulls come with the first part."""
        wanted = (self._source.partition_column or "").casefold()
        name = next((n for n, source in columns.items() if wanted in (n.casefold(), source.casefold())), None)
        if name is None or self._env.redshift.partitions < 2:
            return {}
        low, high = self._one(f"SELECT MIN({quoted(columns[name])}), MAX({quoted(columns[name])}) {where}")
        if not isinstance(low, int | Decimal):
            return {}
        return {
            "partitionColumn": name,
            "lowerBound": str(int(low)),
            "upperBound": str(int(high) + 1),
            "numPartitions": str(self._env.redshift.partitions),
        }

    def _unload(self, sql: str) -> DataFrame:
        """Needs Redshift itself: `iam_role` in the secret says who may write to the staging folder."""
        import awswrangler as wr

        facts = self._secrets.get(self._env.redshift.secret)
        role = facts.get("iam_role")
        if not role:
            raise SourceError(
                f"{self.where}: transfer 'unload' needs 'iam_role' in the secret '{self._env.redshift.secret}'",
                code="RUN106",
            )
        uri = f"{self._staging}/{self._contract.name}/{uuid4().hex}/"
        with self._session() as connection:
            wr.redshift.unload_to_files(
                sql=sql,
                path=uri,
                con=connection,
                iam_role=role,
                unload_format="PARQUET",
                boto3_session=self._aws.session,
            )
        return self._spark.read.parquet(uri)

    def _within(self, watermark: str, window: Window) -> str:
        column = quoted(watermark)
        if window.end is None:
            return f"{column} IS NULL"
        after = f" AND {column} >= {self._literal(watermark, window.start)}" if window.start else ""
        return f"({column} < {self._literal(watermark, window.end)}{after}) OR {column} IS NULL"

    def _item(self, column: str) -> str:
        """Over JDBC a moment keeps its instant, whatever zone the JVM is in; unloaded it is the UTC time, which is all that Parquet holds."""
        zoneless = TIMESTAMPTZ if self._env.redshift.transfer == "unload" else TIMESTAMP
        return f"{quoted(column)} AT TIME ZONE 'UTC'" if self._types[column] == zoneless else quoted(column)

    def _literal(self, watermark: str, moment: datetime) -> str:
        """Of the column's own type, so that it can be looked up. Only digits and punctuation are in it: a parallel read has no place for bound values."""
        text = moment.astimezone(UTC).isoformat(sep=" ")
        return (
            f"TIMESTAMPTZ '{text}'"
            if self._types[watermark] == TIMESTAMPTZ
            else f"TIMESTAMP '{text.removesuffix('+00:00')}'"
        )

    @cached_property
    def _types(self) -> dict[str, int]:
        with self._session() as connection:
            cursor = connection.cursor()
            try:
                cursor.execute(f"SELECT * FROM {self._name} LIMIT 0")
            except Exception as error:
                if not is_no_such_table(error):
                    raise
                raise SourceError(
                    f"{self._contract.table}: {self.where} does not exist, or the user may not see it",
                    code="RUN103",
                ) from None
            return {str(column[0]): int(column[1]) for column in cursor.description}

    def _one(self, sql: str) -> Any:
        with self._session() as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return cursor.fetchone()

    def _session(self) -> AbstractContextManager[Any]:
        return redshift(self._env, self._secrets, error=SourceError, code="RUN101")


def _utc(moment: date | datetime | None) -> datetime | None:
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(0))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
