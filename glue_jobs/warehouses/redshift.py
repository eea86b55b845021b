"""Publishes gold to Redshift, schema `gold`, by a staged merge in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from glue_jobs.connections.redshift import redshift
from glue_jobs.connections.sql_names import quoted
from glue_jobs.connections.staging import arrow
from glue_jobs.warehouses import fingerprint_dialects
from glue_jobs.warehouses.sql_table import SqlTable, check_types, missing_columns
from glue_jobs.warehouses.staged_files import StagedFiles
from glue_jobs.warehouses.staged_merge import StagedMerge
from glue_jobs.warehouses.text_limits import TextLimits
from glue_jobs.warehouses.warehouse import WarehouseError
from lakehouse.contracts.sink_types import REDSHIFT

SCHEMA = "gold"
# SQL type → its name in the catalog.
_CATALOG_NAMES = {"TIMESTAMP": "timestamp without time zone", "VARCHAR": "character varying"}
_TYPES = """SELECT a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped"""


class RedshiftWarehouse(StagedMerge):
    """Transfer `unload`: Redshift reads the staged files itself.

    `jdbc`: this process streams them as CSV into COPY.

    Timestamps are TIMESTAMP, in UTC. The session is one transaction.
    """

    title, schema = "Redshift", quoted(SCHEMA)
    types, dialect = REDSHIFT, fingerprint_dialects.REDSHIFT
    texts = TextLimits(max_bytes=65_535, holds_nul=False)

    def fold(self, name: str) -> str:
        """Lower case."""
        return name.lower()

    @contextmanager
    def _staging_table(
        self, cursor: Any, table: SqlTable, columns: Mapping[str, str], run_id: str
    ) -> Iterator[str]:
        # The end of the session drops a temporary table, however the session ends.
        staging = quoted(f"staging_{table.contract.name}_{run_id.replace('-', '')}"[:63])
        definitions = ", ".join(table.definition(name, columns[name]) for name in columns)
        cursor.execute(f"CREATE TEMPORARY TABLE {staging} ({definitions})")
        yield staging
        cursor.execute(f"DROP TABLE {staging}")

    def _load(self, cursor: Any, staging: str, columns: Mapping[str, str], files: StagedFiles) -> None:
        if self._env.redshift.transfer == "unload":
            cursor.execute(copy_sql(staging, files.uri, self._role()))
            return
        names = ", ".join(quoted(self.fold(name)) for name in columns)
        with cursor.copy(f"COPY {staging} ({names}) FROM STDIN (FORMAT csv)") as copy:
            for batch in files.batches():
                copy.write(_csv(batch))

    @contextmanager
    def _transaction(self, cursor: Any, table: SqlTable) -> Iterator[None]:
        # Without the lock two publishes of one table would both insert their rows.
        cursor.execute(f"LOCK TABLE {table.name}")
        yield

    def _prepare(self, cursor: Any, table: SqlTable) -> None:
        """Creates the table or adds missing columns, in the caller's transaction.

        Raises WarehouseError (RUN403).
        """
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(SCHEMA)}")
        cursor.execute(_TYPES, (SCHEMA, table.contract.name.lower()))
        published = {str(name): str(kind) for name, kind in cursor.fetchall()}
        if published:
            new = missing_columns(table, list(published))
            expected = {name.lower(): _catalog_name(kind) for name, kind in table.types.items()}
            check_types(table, published, expected)
            for name in new:
                cursor.execute(f"ALTER TABLE {table.name} ADD COLUMN {table.definition(name)}")
        else:
            new = list(table.types)
            cursor.execute(f"CREATE TABLE {table.name} ({', '.join(map(table.definition, new))})")
            sql = f"COMMENT ON TABLE {table.name} IS {_literal(table.contract.description)}"
            cursor.execute(sql, ())
        for name in new:
            column = table.contract.by_name.get(name)
            if column:
                comment = _literal(column.schema.description)
                cursor.execute(f"COMMENT ON COLUMN {table.name}.{table.column(name)} IS {comment}", ())

    def _role(self) -> str:
        role = self._secrets.get(self._env.redshift.secret).get("iam_role")
        if not role:
            raise WarehouseError(
                f"transfer 'unload' needs 'iam_role' in the secret '{self._env.redshift.secret}'",
                code="RUN404",
            )
        return role

    @contextmanager
    def _session(self) -> Iterator[Any]:
        with redshift(self._env, self._secrets, error=WarehouseError, code="RUN401") as connection:
            yield connection.cursor()


def copy_sql(staging: str, uri: str, role: str) -> str:
    """COPY of a folder. awswrangler's own COPY needs a schema, which a temporary table does not have."""
    return f"COPY {staging} FROM '{uri}/' IAM_ROLE {_literal(role)} FORMAT AS PARQUET"


def _csv(batch: Any) -> bytes:
    """CSV in which null is empty and the empty string is quoted; timestamps are UTC without their zone."""
    pa, csv = arrow(), arrow("csv")
    for index, field in enumerate(batch.schema):
        if pa.types.is_timestamp(field.type):
            batch = batch.set_column(index, field.name, batch.column(index).cast(pa.timestamp("us")))
    out = pa.BufferOutputStream()
    csv.write_csv(batch, out, csv.WriteOptions(include_header=False))
    return bytes(out.getvalue())


def _catalog_name(kind: str) -> str:
    name, _, rest = kind.partition("(")
    return _CATALOG_NAMES.get(name, name.lower()) + (f"({rest}" if rest else "")


def _literal(text: str) -> str:
    """A quoted literal, of a statement that is run with values, though it has none.

    Both drivers then read two percent signs as one; without values only Redshift's does. A backslash becomes
    a slash: it begins an escape for Redshift, and not for PostgreSQL.
    """
    plain = text.replace("\\", "/").replace("'", "''").replace("%", "%%")
    return f"'{plain}'"
