"""Gold into Redshift, schema `gold`: staged merge in one transaction."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from glue_jobs.connections.redshift import redshift
from glue_jobs.connections.sql_names import quoted
from glue_jobs.connections.staging import arrow
from glue_jobs.warehouses.staged_load import Staged, staged
from glue_jobs.warehouses.statements import REDSHIFT, Shape, check_types, missing_columns, shape
from glue_jobs.warehouses.warehouse import Mode, WarehouseError
from lakehouse.contracts import Contract
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glue_jobs.aws import Aws
    from glue_jobs.observability.secrets import Secrets

SCHEMA = "gold"
# The names that the catalog gives to the types that we write.
_SPELLED = {"TIMESTAMP": "timestamp without time zone", "VARCHAR": "character varying"}
_TYPES = """SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped"""


class RedshiftWarehouse:
    """Transfer `unload`: Redshift reads the staged files itself. `jdbc`: they are streamed to it over the wire, as CSV into COPY.

    Timestamps are TIMESTAMP, in UTC.
    """

    def __init__(self, env: Environment, secrets: Secrets, aws: Aws, staging_uri: str) -> None:
        self._env, self._secrets, self._aws, self._staging = env, secrets, aws, staging_uri

    def publish(
        self, contract: Contract, rows: DataFrame, *, mode: Mode, days: list[date] | None, run_id: str
    ) -> int:
        table = shape(contract, quoted(SCHEMA), REDSHIFT, str.lower)
        # A temporary table goes with its session, however that ends.
        staging = quoted(f"staging_{contract.name}_{run_id.replace('-', '')}"[:63])
        with (
            staged(self._env, self._aws, contract, rows, self._staging) as files,
            self._session() as connection,
        ):
            cursor = connection.cursor()
            cursor.execute(
                f"CREATE TEMPORARY TABLE {staging} ({', '.join(map(table.definition, table.types))})"
            )
            self._load(cursor, staging, table, files)
            self._expect(cursor, staging, contract, files.rows)
            self._prepare(cursor, table)
            # Two publishes of one table would each delete what they see and both insert.
            cursor.execute(f"LOCK TABLE {table.name}")
            for statement, with_days in table.merge(staging, mode, len(days or ())):
                if not with_days:
                    cursor.execute(statement)
                elif days:
                    cursor.execute(statement, tuple(days))
            cursor.execute(f"DROP TABLE {staging}")
            return files.rows

    def _load(self, cursor: Any, staging: str, table: Shape, files: Staged) -> None:
        if not files.rows:
            return
        if self._env.redshift.transfer == "unload":
            cursor.execute(copy_sql(staging, files.uri, self._role()))
            return
        with cursor.copy(f"COPY {staging} ({table.columns}) FROM STDIN (FORMAT csv)") as copy:
            for batch in files.batches():
                copy.write(_csv(batch))

    def _expect(self, cursor: Any, staging: str, contract: Contract, rows: int) -> None:
        cursor.execute(f"SELECT COUNT(*) FROM {staging}")
        loaded = int(cursor.fetchone()[0])
        if loaded != rows:
            raise WarehouseError(
                f"{contract.table}: Redshift took {loaded} of {rows} rows; nothing was published",
                code="RUN402",
            )

    def _prepare(self, cursor: Any, table: Shape) -> None:
        """Makes the table, or adds what it lacks; in this transaction, so a failure leaves it as it was."""
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(SCHEMA)}")
        cursor.execute(_TYPES, (SCHEMA, table.contract.name.lower()))
        there = {str(name): str(kind) for name, kind in cursor.fetchall()}
        if there:
            new = missing_columns(table, list(there))
            check_types(table, there, {name.lower(): _spelled(kind) for name, kind in table.types.items()})
            for name in new:
                cursor.execute(f"ALTER TABLE {table.name} ADD COLUMN {table.definition(name)}")
        else:
            new = list(table.types)
            cursor.execute(f"CREATE TABLE {table.name} ({', '.join(map(table.definition, new))})")
            cursor.execute(f"COMMENT ON TABLE {table.name} IS {_literal(table.contract.description)}")
        for name in new:
            column = table.contract.by_name.get(name)
            if column:
                cursor.execute(
                    f"COMMENT ON COLUMN {table.name}.{table.column(name)} IS {_literal(column.schema.description)}"
                )

    def _role(self) -> str:
        role = self._secrets.get(self._env.redshift.secret).get("iam_role")
        if not role:
            raise WarehouseError(
                f"transfer 'unload' needs 'iam_role' in the secret '{self._env.redshift.secret}'",
                code="RUN404",
            )
        return role

    def _session(self) -> Any:
        return redshift(self._env, self._secrets, error=WarehouseError, code="RUN401")


def copy_sql(staging: str, uri: str, role: str) -> str:
    """By hand: awswrangler names a table with its schema, and a temporary table has none."""
    return f"COPY {staging} FROM '{uri}/' IAM_ROLE {_literal(role)} FORMAT AS PARQUET"


def _csv(batch: Any) -> bytes:
    """CSV in which null is nothing and the empty text is quoted, moments without their zone, which is UTC."""
    pa, csv = arrow(), arrow("csv")
    for index, field in enumerate(batch.schema):
        if pa.types.is_timestamp(field.type):
            batch = batch.set_column(index, field.name, batch.column(index).cast(pa.timestamp("us")))
    out = pa.BufferOutputStream()
    csv.write_csv(batch, out, csv.WriteOptions(include_header=False))
    return bytes(out.getvalue())


def _spelled(kind: str) -> str:
    name, _, rest = kind.partition("(")
    return _SPELLED.get(name, name.lower()) + (f"({rest}" if rest else "")


def _literal(text: str) -> str:
    """Redshift reads a backslash as the beginning of an escape, PostgreSQL does not: none gets in."""
    plain = text.replace("\\", "/").replace("'", "''").replace("%", "%%")
    return f"'{plain}'"
