"""Publishes by a staged merge in one transaction, and compares the result before it commits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from glue_jobs.warehouses import fingerprint
from glue_jobs.warehouses.fingerprint import Fingerprint
from glue_jobs.warehouses.fingerprint_dialects import Dialect
from glue_jobs.warehouses.sql_table import SqlTable, sql_table
from glue_jobs.warehouses.staged_files import StagedFiles, stage_files
from glue_jobs.warehouses.text_limits import TextLimits
from glue_jobs.warehouses.warehouse import Mode, WarehouseError
from lakehouse.contracts import Contract
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glue_jobs.aws import Aws
    from glue_jobs.observability.secrets import Secrets


class StagedMerge(ABC):
    """What the warehouses have in common; a subclass says how its own SQL differs."""

    title: ClassVar[str]
    schema: ClassVar[str]
    types: ClassVar[Mapping[str, str]]
    dialect: ClassVar[Dialect]
    texts: ClassVar[TextLimits]

    def __init__(self, env: Environment, secrets: Secrets, aws: Aws, staging_uri: str) -> None:
        self._env, self._secrets, self._aws, self._staging = env, secrets, aws, staging_uri

    def publish(
        self,
        contract: Contract,
        rows: DataFrame,
        *,
        mode: Mode,
        days: list[date] | None,
        run_id: str,
        total: int | None = None,
    ) -> int:
        """As Warehouse.publish."""
        table = sql_table(contract, self.schema, self.types, self.fold)
        with self._staged(table, rows, mode) as files, self._session() as cursor:
            self._prepare(cursor, table)
            with self._staging_table(cursor, table, table.staging_columns(mode), run_id) as staging:
                if files.rows:
                    self._load(cursor, staging, table.staging_columns(mode), files)
                self._check_count(cursor, staging, contract, files.rows)
                with self._transaction(cursor, table):
                    for statement, with_days in table.merge(staging, mode, len(days or ())):
                        _execute(cursor, statement, days if with_days else None)
                    self._compare(cursor, table, staging, mode, days or [], files.fingerprint)
                    self._check_total(cursor, table, total)
            return files.rows

    @contextmanager
    def _staged(self, table: SqlTable, rows: DataFrame, mode: Mode) -> Iterator[StagedFiles]:
        """Stages the rows. Raises WarehouseError (RUN152) for a text that the warehouse cannot hold."""
        more = self.texts.aggregates(table)
        with stage_files(
            self._env, self._aws, table.contract, rows, self._staging, deletes=mode == "merge", more=more
        ) as files:
            self.texts.check(table, self.title, files.metrics)
            yield files

    @abstractmethod
    def fold(self, name: str) -> str:
        """What the warehouse does to an unquoted name."""

    @abstractmethod
    def _session(self) -> AbstractContextManager[Any]:
        """A cursor of a new session."""

    @abstractmethod
    def _prepare(self, cursor: Any, table: SqlTable) -> None:
        """Creates the table or adds missing columns. Raises WarehouseError (RUN403)."""

    @abstractmethod
    def _staging_table(
        self, cursor: Any, table: SqlTable, columns: Mapping[str, str], run_id: str
    ) -> AbstractContextManager[str]:
        """Creates a staging table of this run, gives its name, and drops it at the end."""

    @abstractmethod
    def _load(self, cursor: Any, staging: str, columns: Mapping[str, str], files: StagedFiles) -> None:
        """Loads the staged files into the staging table."""

    @abstractmethod
    def _transaction(self, cursor: Any, table: SqlTable) -> AbstractContextManager[None]:
        """Admits one publish of the table, and undoes it when the block ends with an error."""

    def _check_count(self, cursor: Any, staging: str, contract: Contract, rows: int) -> None:
        cursor.execute(f"SELECT COUNT(*) FROM {staging}")
        loaded = int(cursor.fetchone()[0])
        if loaded != rows:
            raise WarehouseError(
                f"{contract.table}: {self.title} took {loaded} of {rows} rows; nothing was published",
                code="RUN402",
            )

    def _compare(
        self,
        cursor: Any,
        table: SqlTable,
        staging: str,
        mode: Mode,
        days: list[date],
        sent: Fingerprint,
    ) -> None:
        """Raises WarehouseError (RUN151) when the rows that were replaced are not those that were sent."""
        if mode == "replace_days" and not days:
            return
        _execute(
            cursor,
            fingerprint.query(table, self.dialect, table.published(staging, mode, len(days))),
            days if mode == "replace_days" else None,
        )
        stored = Fingerprint.of(tuple(cursor.fetchone()))
        if stored != sent:
            detail = (
                f"{stored.rows} rows of {sent.rows}" if stored.rows != sent.rows else "rows with other values"
            )
            raise WarehouseError(
                f"{table.contract.table}: {self.title} holds {detail} that were sent; nothing was published",
                code="RUN151",
            )

    def _check_total(self, cursor: Any, table: SqlTable, total: int | None) -> None:
        """Raises WarehouseError (RUN151) when the table has more or fewer rows than the lake."""
        if total is None:
            return
        cursor.execute(f"SELECT COUNT(*) FROM {table.name}")
        stored = int(cursor.fetchone()[0])
        if stored != total:
            raise WarehouseError(
                f"{table.contract.table}: {self.title} would hold {stored} rows and the lake has {total}; "
                "nothing was published",
                code="RUN151",
            )


def _execute(cursor: Any, statement: str, days: list[date] | None) -> None:
    """Runs a statement. `days` are the values that it binds; without any, its list of them would be empty."""
    if days is None:
        cursor.execute(statement)
    elif days:
        cursor.execute(statement, tuple(days))
