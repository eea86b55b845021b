"""The person's rows in databases: what was published to a warehouse, what streams put into the Lakebase."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.personal_data.delta_rows import typed_value
from cli.personal_data.scope import ROWS, Left, Scope
from cli.personal_data.subject_tables import SubjectTable, published_to
from glue_jobs.connections.postgres import Login
from glue_jobs.connections.redshift import is_missing_table, redshift
from glue_jobs.connections.snowflake import NO_SUCH_OBJECT, snowflake
from glue_jobs.connections.sql_names import quoted
from glue_jobs.observability.secrets import Secrets
from glue_jobs.state.lease import lease
from glue_jobs.warehouses import redshift as of_redshift
from glue_jobs.warehouses import snowflake as of_snowflake
from glue_jobs.warehouses.warehouse import WarehouseError
from lakehouse.environments import names
from lakehouse.environments.systems import LAKEBASE
from lakehouse.pipelines.job_keys import publish_key

if TYPE_CHECKING:
    import psycopg

_COLUMNS = """SELECT c.relname FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind = 'r' AND a.attname = %s AND NOT a.attisdropped
AND (c.relname = %s OR starts_with(c.relname, '_staging_'))"""


@dataclass
class RedshiftRows:
    """Rows of a published table in Redshift. Its snapshots expire as the cluster's own settings say."""

    scope: Scope
    of: SubjectTable
    unit: str = ROWS

    @property
    def name(self) -> str:
        return f"redshift {self.of.table}"

    @property
    def _table(self) -> str:
        return f"{quoted(of_redshift.SCHEMA)}.{quoted(self.of.contract.name.lower())}"

    def count(self) -> int:
        return self._ask(
            f"SELECT count(*) FROM {self._table} WHERE {self._condition}", lambda c: c.fetchone()[0]
        )

    def erase(self) -> int:
        key = publish_key("redshift", self.of.table)
        with lease(self.scope.env, key, self.scope.run_id):
            delete = f"DELETE FROM {self._table} WHERE {self._condition}"
            rows = self._ask(delete, lambda cursor: cursor.rowcount)
            if rows:
                self._vacuum()
            return rows

    def left(self) -> dict[str, Left]:
        return {f"{self.name}: snapshots": Left("the cluster's own settings say when they expire")}

    @property
    def _condition(self) -> str:
        return f"{quoted(self.of.column.lower())} = %s"

    def _ask(self, sql: str, answer: Any) -> int:
        env, value = self.scope.env, typed_value(self.of, self.scope)
        try:
            with redshift(env, Secrets(env), error=WarehouseError, code="RUN401") as connection:
                cursor = connection.cursor()
                cursor.execute(sql, (value,))
                return int(answer(cursor))
        except Exception as error:
            if is_missing_table(error):
                return 0
            raise

    def _vacuum(self) -> None:
        """A deleted row stays on disk until a vacuum, which Redshift leaves to 5 % of the rows else."""
        env = self.scope.env
        threshold = " TO 100 PERCENT" if env.redshift.transfer == "unload" else ""
        with redshift(env, Secrets(env), error=WarehouseError, code="RUN401") as connection:
            connection.rollback()
            connection.autocommit = True
            connection.cursor().execute(f"VACUUM FULL {self._table}{threshold}")


@dataclass
class SnowflakeRows:
    """Rows of a published table in Snowflake, which keeps deleted rows for Time Travel and Fail-safe."""

    scope: Scope
    of: SubjectTable
    unit: str = ROWS

    @property
    def name(self) -> str:
        return f"snowflake {self.of.table}"

    @property
    def _table(self) -> str:
        parts = (of_snowflake.DATABASE, of_snowflake.SCHEMA, self.of.contract.name.upper())
        return ".".join(map(quoted, parts))

    def count(self) -> int:
        return self._ask(f"SELECT count(*) FROM {self._table}", lambda c: c.fetchone()[0])

    def erase(self) -> int:
        with lease(self.scope.env, publish_key("snowflake", self.of.table), self.scope.run_id):
            return self._ask(f"DELETE FROM {self._table}", lambda cursor: cursor.rowcount or 0)

    def left(self) -> dict[str, Left]:
        reason = "deleted rows stay for the table's DATA_RETENTION_TIME_IN_DAYS, and for 7 days of Fail-safe"
        return {f"{self.name}: Time Travel and Fail-safe": Left(reason)}

    def _ask(self, sql: str, answer: Any) -> int:
        from snowflake.connector.errors import ProgrammingError

        env, schema = self.scope.env, (of_snowflake.DATABASE, of_snowflake.SCHEMA)
        where = f" WHERE {quoted(self.of.column.upper())} = %s"
        try:
            with (
                snowflake(
                    env, Secrets(env), error=WarehouseError, code="RUN401", schema=schema
                ) as connection,
                connection.cursor() as cursor,
            ):
                cursor.execute(sql + where, (typed_value(self.of, self.scope),))
                return int(answer(cursor))
        except ProgrammingError as error:
            if error.errno == NO_SUCH_OBJECT:
                return 0
            raise


@dataclass
class LakebaseRows:
    """Rows of a table in the Lakebase, and in the staging tables that killed batches left there."""

    scope: Scope
    of: SubjectTable
    unit: str = ROWS

    @property
    def name(self) -> str:
        return f"lakebase {self.of.table}"

    def count(self) -> int:
        return self._login.with_retries(lambda: self._each("SELECT count(*) FROM {} WHERE {} = %s"))

    def erase(self) -> int:
        with lease(self.scope.env, self.of.table, self.scope.run_id):
            return self._login.with_retries(lambda: self._each("DELETE FROM {} WHERE {} = %s"))

    def left(self) -> dict[str, Left]:
        return {}

    @property
    def _login(self) -> Login:
        writing = [job for job in self.scope.jobs if self.of.table in job.writes]
        declared = [p.secret_name for job in writing for p in job.params if p.name == LAKEBASE]
        secret = next((name for name in declared if name), LAKEBASE)
        return Login.of(Secrets(self.scope.env).get(secret))

    def _each(self, sql: str) -> int:
        schema, value = names.lakebase_schema(self.of.contract.layer), typed_value(self.of, self.scope)
        rows = 0
        with self._login.session() as connection:
            for name in self._tables(connection, schema):
                table = f"{quoted(schema)}.{quoted(name)}"
                cursor = connection.execute(sql.format(table, quoted(self.of.column)), (value,))
                counted = None if cursor.description is None else cursor.fetchone()
                rows += int(counted[0]) if counted else cursor.rowcount
                if cursor.description is None:
                    connection.execute(f"VACUUM {table}")
        return rows

    def _tables(self, connection: psycopg.Connection[Any], schema: str) -> list[str]:
        answer = connection.execute(_COLUMNS, (schema, self.of.column, self.of.contract.name))
        return [str(name) for (name,) in answer.fetchall()]


def database_places(scope: Scope, of: SubjectTable) -> Iterator[RedshiftRows | SnowflakeRows | LakebaseRows]:
    """The databases that hold a copy of a table's rows."""
    if of.contract.lake.store == "postgres":
        yield LakebaseRows(scope, of)
    for warehouse in published_to(scope.jobs, of.table) if of.published else ():
        yield SnowflakeRows(scope, of) if warehouse == "snowflake" else RedshiftRows(scope, of)
