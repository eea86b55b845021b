"""Reads a Redshift table by partitioned JDBC or by UNLOAD to S3."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from glue_jobs.connections.redshift import is_missing_table, jdbc_options, redshift
from glue_jobs.connections.sql_names import qualified, quoted
from glue_jobs.s3 import S3Uri
from glue_jobs.sources.incremental import Newest, ReadRange
from glue_jobs.sources.source import SourceError
from glue_jobs.sources.unloaded import contract_ddl, read_unloaded
from lakehouse.contracts import SourcedContract
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from glue_jobs.aws import Aws
    from glue_jobs.observability.secrets import Secrets

# PostgreSQL's type numbers; Redshift has the same.
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
        self._staging = staging_uri
        self.label = f"Redshift {contract.source.object}"
        self._name = qualified(contract.source.object, str.lower)

    def columns(self) -> list[str]:
        """The table's columns. Raises SourceError (RUN103) when the table does not exist."""
        return list(self._types)

    def newest(self, watermark: str, before: datetime, soon: datetime) -> Newest:
        """The greatest watermark before a moment, and how many rows have one from `soon` on."""
        column = quoted(watermark)
        due = f"{column} < {self._literal(watermark, before)}"
        ahead = f"{column} >= {self._literal(watermark, soon)}"
        newest, nulls, later = self._fetch_row(
            f"SELECT MAX(CASE WHEN {due} THEN {column} END), COUNT(*) - COUNT({column}), "
            f"COUNT(CASE WHEN {ahead} THEN 1 END) FROM {self._name} "
            f"WHERE {due} OR {column} IS NULL OR {ahead}"
        )
        return Newest(_utc(newest), nulls > 0, int(later))

    def count(self, watermark: str, range_: ReadRange) -> int:
        """How many rows a range has."""
        condition = self._condition(watermark, range_)
        return int(self._fetch_row(f"SELECT COUNT(*) FROM {self._name} WHERE {condition}")[0])

    def rows(self, columns: dict[str, str], watermark: str, range_: ReadRange) -> DataFrame:
        """The rows of a range: `columns` under the contract's names, in the table's types."""
        items = ", ".join(f"{self._expression(source)} AS {quoted(name)}" for name, source in columns.items())
        from_where = f"FROM {self._name} WHERE {self._condition(watermark, range_)}"
        if self._env.redshift.transfer == "unload":
            ddl = contract_ddl(self._contract, columns)
            return self._unload(f"SELECT {items} {from_where}", ddl)
        reader = self._spark.read.format("jdbc").options(**jdbc_options(self._env, self._secrets))
        return reader.options(
            dbtable=f"(SELECT {items} {from_where}) AS source",
            fetchsize=FETCH_ROWS,
            sessionInitStatement="SET timezone = 'UTC'",
            **self._partition_options(columns, from_where),
        ).load()

    def _partition_options(self, columns: dict[str, str], from_where: str) -> dict[str, str]:
        """Spark's options for a parallel read by the partition column; none without one.

        Nulls are in the first part.
        """
        partition = (self._contract.source.partition_column or "").casefold()
        name = next(
            (n for n, source in columns.items() if partition in (n.casefold(), source.casefold())), None
        )
        if name is None or self._env.redshift.partitions < 2:
            return {}
        column = quoted(columns[name])
        low, high = self._fetch_row(f"SELECT MIN({column}), MAX({column}) {from_where}")
        if not isinstance(low, int | Decimal):
            return {}
        return {
            "partitionColumn": name,
            "lowerBound": str(int(low)),
            "upperBound": str(int(high) + 1),
            "numPartitions": str(self._env.redshift.partitions),
        }

    def _unload(self, sql: str, ddl: str) -> DataFrame:
        """Needs a real Redshift: `iam_role` of the secret is the role that writes to the staging folder."""
        import awswrangler as wr

        role = self._secrets.get(self._env.redshift.secret).get("iam_role")
        if not role:
            raise SourceError(
                f"{self.label}: transfer 'unload' needs 'iam_role' in the secret "
                f"'{self._env.redshift.secret}'",
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
                kms_key_id=staging_key(self._aws, uri),
                boto3_session=self._aws.session,
            )
        return read_unloaded(self._spark, self._env, uri, ddl)

    def _condition(self, watermark: str, range_: ReadRange) -> str:
        column = quoted(watermark)
        if range_.end is None:
            return f"{column} IS NULL"
        after = f" AND {column} >= {self._literal(watermark, range_.start)}" if range_.start else ""
        return f"({column} < {self._literal(watermark, range_.end)}{after}) OR {column} IS NULL"

    def _expression(self, column: str) -> str:
        """Timestamps keep their instant over JDBC, in any zone of the JVM; unloaded they are UTC."""
        zoneless = TIMESTAMPTZ if self._env.redshift.transfer == "unload" else TIMESTAMP
        return f"{quoted(column)} AT TIME ZONE 'UTC'" if self._types[column] == zoneless else quoted(column)

    def _literal(self, watermark: str, moment: datetime) -> str:
        """A literal of the column's own type, so that zone maps apply. It holds only digits and punctuation.

        A parallel read cannot bind values.
        """
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
                if not is_missing_table(error):
                    raise
                raise SourceError(
                    f"{self._contract.table}: {self.label} does not exist, "
                    "or the user has no right to read it",
                    code="RUN103",
                ) from None
            return {str(column[0]): int(column[1]) for column in cursor.description}

    def _fetch_row(self, sql: str) -> Any:
        with self._session() as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return cursor.fetchone()

    def _session(self) -> AbstractContextManager[Any]:
        return redshift(self._env, self._secrets, error=SourceError, code="RUN101")


def staging_key(aws: Aws, uri: str) -> str | None:
    """The id of the key that encrypts the bucket of `uri`; None where S3's own does.

    UNLOAD states the encryption of each file: without a key it would be S3's, and not the bucket's.
    """
    bucket = S3Uri.parse(uri).bucket
    rules = aws.s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    arn = rules[0].get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID", "")
    return arn.rpartition("/")[2] or None


def _utc(moment: date | datetime | None) -> datetime | None:
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(0))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
