"""Reads a Snowflake table by Arrow batches of the connector or by COPY INTO a folder on S3."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pyspark.sql import functions as F

from glue_jobs.connections.snowflake import NO_SUCH_OBJECT, snowflake
from glue_jobs.connections.sql_names import qualified, quoted
from glue_jobs.sources.incremental import Newest, ReadRange
from glue_jobs.sources.snowflake_arrow import ArrowStaging, TooWideError
from glue_jobs.sources.snowflake_fields import LTZ, TIMESTAMPS, TZ, Field
from glue_jobs.sources.source import SourceError
from glue_jobs.sources.unloaded import read_unloaded, unload_sql
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
        self.label = f"Snowflake {contract.source.object}"
        self._name = qualified(contract.source.object, str.upper)

    def columns(self) -> list[str]:
        """The table's columns. Raises SourceError (RUN103) when the table does not exist."""
        return list(self._described)

    def newest(self, watermark: str, before: datetime, soon: datetime) -> Newest:
        """The greatest watermark before a moment, and how many rows have one from `soon` on."""
        column, due = quoted(watermark), self._before(watermark)
        ahead = due.replace(" < ", " >= ")
        high = f"MAX(CASE WHEN {due} THEN {self._timestamp(watermark)} END)"
        sql = (
            f"SELECT DATE_PART(EPOCH_MICROSECOND, {high}), "
            f"COUNT(*) - COUNT({column}), COUNT(CASE WHEN {ahead} THEN 1 END) FROM {self._name} "
            f"WHERE {due} OR {column} IS NULL OR {ahead}"
        )
        values = [_text(before), _text(soon)] * 2
        with self._session() as cursor:
            newest, nulls, later = _execute(cursor, sql, values).fetchone()  # type: ignore[misc]
        greatest = None if newest is None else _EPOCH + timedelta(microseconds=int(newest))
        return Newest(greatest, int(nulls) > 0, int(later))

    def count(self, watermark: str, range_: ReadRange) -> int:
        """How many rows a range has."""
        where, values = self._where(watermark, range_)
        with self._session() as cursor:
            row = _execute(cursor, f"SELECT COUNT(*) FROM {self._name} WHERE {where}", values).fetchone()
        return int(row[0])  # type: ignore[index]

    def rows(self, columns: dict[str, str], watermark: str, range_: ReadRange) -> DataFrame:
        """The rows of a range: `columns` under the contract's names, in the table's types."""
        fields = {name: self._field(name, source) for name, source in columns.items()}
        sql, values = self._select(fields, columns, watermark, range_)
        uri = f"{self._staging}/{self._contract.name}/{uuid4().hex}"
        if self._env.snowflake.transfer == "stage":
            # Timestamps are unloaded as microseconds.
            types = {
                name: "bigint" if field.code in TIMESTAMPS else field.contract_type
                for name, field in fields.items()
            }
            ddl = ", ".join(f"`{name}` {kind}" for name, kind in types.items())
            staged = self._unload(sql, values, uri, ddl)
        else:
            staged = self._arrow(sql, values, list(fields.values()), uri)
        timestamps = {name for name, field in fields.items() if field.code in TIMESTAMPS}
        return staged.select(
            *[
                F.timestamp_micros(F.col(f"`{n}`").cast("bigint")).alias(n)
                if n in timestamps
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
                    # The files so far hold 64-bit integers: read once more, with a wider column.
                    wide |= {error.column}

    def _unload(self, sql: str, values: list[str], uri: str, ddl: str) -> DataFrame:
        integration = self._secrets.get(self._env.snowflake.secret).get("storage_integration")
        if not integration:
            raise SourceError(
                f"{self.label}: transfer 'stage' needs 'storage_integration' in the secret "
                f"'{self._env.snowflake.secret}'",
                code="RUN106",
            )
        with self._session() as cursor:
            _execute(cursor, unload_sql(sql, uri, integration), values)
        return read_unloaded(self._spark, self._env, uri, ddl)

    def _select(
        self, fields: dict[str, Field], columns: dict[str, str], watermark: str, range_: ReadRange
    ) -> tuple[str, list[str]]:
        items = ", ".join(
            f"{field.expression(quoted(columns[name]))} AS {quoted(name)}" for name, field in fields.items()
        )
        where, values = self._where(watermark, range_)
        return f"SELECT {items} FROM {self._name} WHERE {where}", values

    def _where(self, watermark: str, range_: ReadRange) -> tuple[str, list[str]]:
        """(the condition of a range, the values that it binds)."""
        conditions, values = [f"{quoted(watermark)} IS NULL"], []
        if range_.end is not None:
            bounds = [self._before(watermark)]
            values.append(_text(range_.end))
            if range_.start is not None:
                bounds.append(self._before(watermark).replace(" < ", " >= "))
                values.append(_text(range_.start))
            conditions.insert(0, f"({' AND '.join(bounds)})")
        return " OR ".join(conditions), values

    def _timestamp(self, watermark: str) -> str:
        return quoted(watermark) + (
            "" if self._described[watermark].type_code in TIMESTAMPS else "::TIMESTAMP_NTZ"
        )

    def _before(self, watermark: str) -> str:
        zoned = self._described[watermark].type_code in (LTZ, TZ)
        return f"{self._timestamp(watermark)} < %s::{'TIMESTAMP_TZ' if zoned else 'TIMESTAMP_NTZ'}"

    def _field(self, name: str, source: str) -> Field:
        column = self._described[source]
        contract_type = self._contract.by_name[name].type
        return Field(name, column.type_code, column.precision or 38, column.scale or 0, contract_type)

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
                    f"{self._contract.table}: {self.label} does not exist, "
                    "or the role has no right to read it",
                    code="RUN103",
                ) from None

    def _session(self) -> Any:
        return _Session(self._env, self._secrets)


class _Session:
    """A connection and its one cursor; leaving the block closes both."""

    def __init__(self, env: Environment, secrets: Secrets) -> None:
        self._connection = snowflake(env, secrets, error=SourceError, code="RUN101")

    def __enter__(self) -> SnowflakeCursor:
        return self._connection.__enter__().cursor()

    def __exit__(self, *exception: Any) -> None:
        self._connection.__exit__(*exception)


def _execute(cursor: SnowflakeCursor, sql: str, values: list[str]) -> SnowflakeCursor:
    executed = cursor.execute(sql, values)
    assert executed is not None, "only an aborted query returns no cursor"
    return executed


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
