"""Publishes gold to Snowflake, `ANALYTICS.GOLD`, by a staged merge in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from glue_jobs.connections.snowflake import snowflake
from glue_jobs.connections.sql_names import quoted
from glue_jobs.warehouses import fingerprint_dialects
from glue_jobs.warehouses.sql_table import SqlTable, check_types, missing_columns
from glue_jobs.warehouses.staged_files import StagedFiles
from glue_jobs.warehouses.staged_merge import StagedMerge
from glue_jobs.warehouses.text_limits import TextLimits
from glue_jobs.warehouses.warehouse import WarehouseError
from lakehouse.contracts.sink_types import SNOWFLAKE

log = logging.getLogger(__name__)

DATABASE, SCHEMA = "ANALYTICS", "GOLD"
_SCHEMA_NAME = f"{quoted(DATABASE)}.{quoted(SCHEMA)}"
_LOAD = "FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
_FIXED = 0  # the connector's type code of a NUMBER
_CHUNK = 1 << 20


class SnowflakeWarehouse(StagedMerge):
    """Transfer `stage`: Snowflake reads the staged files itself.

    `arrow`: this process PUTs them to a temporary stage.

    Timestamps are TIMESTAMP_NTZ, in UTC. DDL commits in Snowflake, so all of it comes before the transaction.
    """

    title, schema = "Snowflake", _SCHEMA_NAME
    types, dialect = SNOWFLAKE, fingerprint_dialects.SNOWFLAKE
    texts = TextLimits(max_bytes=16_777_216, holds_nul=True)

    def fold(self, name: str) -> str:
        """Upper case."""
        return name.upper()

    @contextmanager
    def _transaction(self, cursor: Any, table: SqlTable) -> Iterator[None]:
        cursor.execute("BEGIN")
        try:
            yield
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise

    def _load(self, cursor: Any, staging: str, columns: Mapping[str, str], files: StagedFiles) -> None:
        if self._env.snowflake.transfer == "stage":
            cursor.execute(copy_sql(staging, files.uri, self._integration()))
            return
        # A unique name: not every Snowflake-compatible server keeps a temporary stage to its session.
        stage = f"{_SCHEMA_NAME}.{quoted('_FILES_' + uuid4().hex.upper())}"
        cursor.execute(f"CREATE TEMPORARY STAGE {stage}")
        with TemporaryDirectory() as folder:
            for path in files.paths:
                file = Path(folder) / PurePosixPath(path).name
                with files.files.open_input_stream(path) as source, file.open("wb") as target:
                    while chunk := source.read(_CHUNK):
                        target.write(chunk)
                cursor.execute(f"PUT 'file://{file.as_posix()}' @{stage} AUTO_COMPRESS = FALSE")
                file.unlink()
        cursor.execute(f"COPY INTO {staging} FROM @{stage} {_LOAD} PURGE = TRUE")

    @contextmanager
    def _staging_table(
        self, cursor: Any, table: SqlTable, columns: Mapping[str, str], run_id: str
    ) -> Iterator[str]:
        """First drops the staging tables of killed runs."""
        prefix = f"_STAGING_{table.contract.name.upper()}_"
        abandoned = cursor.execute(
            f"SELECT TABLE_NAME FROM {quoted(DATABASE)}.INFORMATION_SCHEMA.TABLES "
            "WHERE TABLE_SCHEMA = %s AND STARTSWITH(TABLE_NAME, %s)",
            (SCHEMA, prefix),
        ).fetchall()
        for name in (name for (name,) in abandoned if "_" not in name.removeprefix(prefix)):
            log.warning("dropping a staging table that an earlier publish left behind", extra={"table": name})
            cursor.execute(f"DROP TABLE IF EXISTS {_SCHEMA_NAME}.{quoted(name)}")
        staging = f"{_SCHEMA_NAME}.{quoted(prefix + run_id.replace('-', '').upper())}"
        definitions = ", ".join(table.definition(name, columns[name]) for name in columns)
        cursor.execute(f"CREATE TRANSIENT TABLE {staging} ({definitions})")
        try:
            yield staging
        finally:
            cursor.execute(f"DROP TABLE IF EXISTS {staging}")

    def _prepare(self, cursor: Any, table: SqlTable) -> None:
        """Creates the table or adds missing columns. Raises WarehouseError (RUN403)."""
        by_name = table.contract.by_name
        items = [
            (
                f"{table.definition(name)} COMMENT %s",
                by_name[name].schema.description if name in by_name else "",
            )
            for name in table.types
        ]
        comments = [text for _, text in items]
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {table.name} ({', '.join(item for item, _ in items)}) COMMENT = %s",
            (*comments, table.contract.description),
        )
        published = {column.name: column for column in cursor.describe(f"SELECT * FROM {table.name}")}
        new = missing_columns(table, list(published))
        numbers = {
            name: f"NUMERIC({c.precision},{c.scale})"
            for name, c in published.items()
            if c.type_code == _FIXED and c.scale
        }
        check_types(table, numbers, {name.upper(): kind for name, kind in table.types.items()})
        for name in new:
            cursor.execute(f"ALTER TABLE {table.name} ADD COLUMN {table.definition(name)}")

    def _integration(self) -> str:
        integration = self._secrets.get(self._env.snowflake.secret).get("storage_integration")
        if not integration:
            raise WarehouseError(
                f"transfer 'stage' needs 'storage_integration' in the secret '{self._env.snowflake.secret}'",
                code="RUN404",
            )
        return integration

    @contextmanager
    def _session(self) -> Iterator[Any]:
        with (
            snowflake(
                self._env, self._secrets, error=WarehouseError, code="RUN401", schema=(DATABASE, SCHEMA)
            ) as connection,
            connection.cursor() as cursor,
        ):
            yield cursor


def copy_sql(staging: str, uri: str, integration: str) -> str:
    """COPY of a folder of Parquet files. The platform makes the uri, so it holds no quote."""
    return (
        f"COPY INTO {staging} FROM '{uri}/' STORAGE_INTEGRATION = {quoted(integration.upper())} "
        f"PATTERN = '.*[.]parquet' {_LOAD}"
    )
