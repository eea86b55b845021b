"""A Snowflake table: by Arrow batches over the connector, or by COPY INTO a stage on S3."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from glue_jobs.connections.snowflake import NO_SUCH_OBJECT, snowflake
from glue_jobs.connections.sql_names import qualified, quoted
from glue_jobs.sources.incremental import Window
from glue_jobs.sources.snowflake_arrow import ArrowStaging, TooWideError
from glue_jobs.sources.snowflake_fields import LTZ, MOMENTS, TZ, Field
from glue_jobs.sources.source import SourceError
from lakehouse.contracts import SourcedContract
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from snowflake.connector.cursor import SnowflakeCursor

    from glue_jobs.observability.secrets import Secrets

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SnowflakeTable:
    """`<database>.<schema>.<table>` of the contract. Timestamps without a zone are UTC."""

    def __init__(
        self,
        contract: SourcedContract,
        env: Environment,
        spark: SparkSession,
        secrets: Secrets,
        staging_uri: str,
    ) -> None:
        self._contract, self._env, self._spark, self._secrets = contract, env, spark, secrets
        self._staging = staging_uri
        self.where = f"Snowflake {contract.source.object}"
        self._name = qualified(contract.source.object, str.upper)

    def columns(self) -> list[str]:
        return list(self._described)

    def newest(self, watermark: str, before: datetime) -> tuple[datetime | None, bool]:
        column = quoted(watermark)
        sql = f"SELECT DATE_PART(EPOCH_MICROSECOND, MAX({self._moment(watermark)})), COUNT(*) - COUNT({column}) FROM {self._name} WHERE {self._before(watermark)} OR {column} IS NULL"
        with self._session() as cursor:
            newest, without = _execute(cursor, sql, [_text(before)]).fetchone()  # type: ignore[misc]
        return (None if newest is None else _EPOCH + timedelta(microseconds=int(newest))), int(without) > 0

    def rows(self, columns: dict[str, str], watermark: str, window: Window) -> DataFrame:
        from pyspark.sql import functions as F

        fields = {name: self._field(name, source) for name, source in columns.items()}
        sql, values = self._select(fields, columns, watermark, window)
        uri = f"{self._staging}/{self._contract.name}/{uuid4().hex}"
        if self._env.snowflake.transfer == "stage":
            staged = self._unload(sql, values, uri)
        else:
            staged = self._arrow(sql, values, list(fields.values()), uri)
        moments = [name for name, field in fields.items() if field.code in MOMENTS]
        return staged.select(
            *[
                F.timestamp_micros(F.col(f"`{n}`").cast("bigint")).alias(n)
                if n in moments
                else F.col(f"`{n}`")
                for n in fields
            ]
        )

    def _arrow(self, sql: str, values: list[str], fields: list[Field], uri: str) -> DataFrame:
        wide: frozenset[str] = frozenset()
        with self._session() as cursor:
            while True:
                staged = ArrowStaging(self._env, uri, fields, wide)
                try:
                    staged.write(_execute(cursor, sql, values).fetch_arrow_batches())
                    return staged.read(self._spark)
                except TooWideError as error:
                    # A number beyond 64 bits, and the files so far have 64: once more, with room for it.
                    wide |= {error.column}

    def _unload(self, sql: str, values: list[str], uri: str) -> DataFrame:
        integration = self._secrets.get(self._env.snowflake.secret).get("storage_integration")
        if not integration:
            raise SourceError(
                f"{self.where}: transfer 'stage' needs 'storage_integration' in the secret '{self._env.snowflake.secret}'",
                code="RUN106",
            )
        with self._session() as cursor:
            _execute(cursor, unload_sql(sql, uri, integration), values)
        return self._spark.read.parquet(uri)

    def _select(
        self, fields: dict[str, Field], columns: dict[str, str], watermark: str, window: Window
    ) -> tuple[str, list[str]]:
        items = ", ".join(
            f"{field.expression(quoted(columns[name]))} AS {quoted(name)}" for name, field in fields.items()
        )
        where, values = [f"{quoted(watermark)} IS NULL"], []
        if window.end is not None:
            bounds = [self._before(watermark)]
            values.append(_text(window.end))
            if window.start is not None:
                bounds.append(self._before(watermark).replace(" < ", " >= "))
                values.append(_text(window.start))
            where.insert(0, f"({' AND '.join(bounds)})")
        return f"SELECT {items} FROM {self._name} WHERE {' OR '.join(where)}", values

    def _moment(self, watermark: str) -> str:
        return quoted(watermark) + (
            "" if self._described[watermark].type_code in MOMENTS else "::TIMESTAMP_NTZ"
        )

    def _before(self, watermark: str) -> str:
        zoned = self._described[watermark].type_code in (LTZ, TZ)
        return f"{self._moment(watermark)} < %s::{'TIMESTAMP_TZ' if zoned else 'TIMESTAMP_NTZ'}"

    def _field(self, name: str, source: str) -> Field:
        there = self._described[source]
        return Field(
            name, there.type_code, there.precision or 38, there.scale or 0, self._contract.by_name[name].type
        )

    @cached_property
    def _described(self) -> dict[str, Any]:
        from snowflake.connector.errors import ProgrammingError

        with self._session() as cursor:
            try:
                return {column.name: column for column in cursor.describe(f"SELECT * FROM {self._name}")}
            except ProgrammingError as error:
                if error.errno != NO_SUCH_OBJECT:
                    raise
                raise SourceError(
                    f"{self._contract.table}: {self.where} does not exist, or the role may not see it",
                    code="RUN103",
                ) from None

    def _session(self) -> Any:
        return _Session(self._env, self._secrets)


class _Session:
    """A connection and its one cursor, both closed at the end."""

    def __init__(self, env: Environment, secrets: Secrets) -> None:
        self._connection = snowflake(env, secrets, error=SourceError, code="RUN101")

    def __enter__(self) -> SnowflakeCursor:
        return self._connection.__enter__().cursor()

    def __exit__(self, *what: Any) -> None:
        self._connection.__exit__(*what)


def unload_sql(select: str, uri: str, integration: str) -> str:
    """COPY INTO a folder of Parquet files with named columns. The uri is ours and holds no quote."""
    return (
        f"COPY INTO '{uri}/' FROM ({select}) STORAGE_INTEGRATION = {quoted(integration.upper())} "
        "FILE_FORMAT = (TYPE = PARQUET COMPRESSION = SNAPPY) HEADER = TRUE MAX_FILE_SIZE = 134217728"
    )


def _execute(cursor: SnowflakeCursor, sql: str, values: list[str]) -> SnowflakeCursor:
    done = cursor.execute(sql, values)
    assert done is not None
    return done


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
