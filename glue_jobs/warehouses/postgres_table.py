"""A table of the Lakebase: its creation and new columns by the contract, and the SQL that upserts a batch."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from glue_jobs.connections.postgres import LakebaseError
from glue_jobs.connections.sql_names import quoted
from glue_jobs.warehouses.sql_table import SqlTable, sql_table
from glue_jobs.warehouses.warehouse import WarehouseError
from lakehouse.contracts import Contract
from lakehouse.contracts.sink_types import POSTGRES
from lakehouse.environments import names

if TYPE_CHECKING:
    import psycopg

# True in one row of a staging table that is complete: a crash of the server empties unlogged tables.
COMPLETE_MARKER = "_whole"
_TYPES = """SELECT a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped"""
_UNIQUE = """SELECT array_agg(a.attname::text ORDER BY a.attname)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
WHERE n.nspname = %s AND c.relname = %s AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
GROUP BY i.indexrelid"""


@dataclass(frozen=True)
class LakebaseTable:
    """`sql.types` are types as PostgreSQL's catalog spells them."""

    contract: Contract
    sql: SqlTable

    @classmethod
    def of(cls, contract: Contract) -> LakebaseTable:
        """The table of a contract. Raises LakebaseError (RUN421) for a type that PostgreSQL cannot hold."""
        types = {**POSTGRES, **{kind: kind for _, kind in contract.stored if kind.startswith("decimal(")}}
        for name, kind in contract.stored:
            if kind not in types:
                raise LakebaseError(
                    f"{contract.table}.{name}: PostgreSQL has no type for {kind}; write it as a string",
                    code="RUN421",
                )
        try:
            table = sql_table(contract, quoted(names.lakebase_schema(contract.layer)), POSTGRES, str)
        except WarehouseError as error:
            raise LakebaseError(str(error), code="RUN421") from None
        return cls(contract, table)

    @property
    def schema(self) -> str:
        return names.lakebase_schema(self.contract.layer)

    def staging(self, stream: str) -> tuple[str, str]:
        """(prefix of this stream's staging tables, name of a new one).

        Every attempt has a staging table of its own.
        """
        owner = sha256(f"{stream}\n{self.contract.table}".encode()).hexdigest()[:16]
        return f"_staging_{owner}_", f"_staging_{owner}_{uuid4().hex[:12]}"

    def prepare(self, connection: psycopg.Connection[Any]) -> None:
        """Creates the table or adds columns. Raises LakebaseError (RUN421) when types or key differ."""
        stored = connection.execute(_TYPES, (self.schema, self.contract.name))
        types = {str(name): str(kind) for name, kind in stored}
        new = [name for name in self.sql.types if name not in types]
        if types:
            self._check(connection, types)
            for name in new:
                connection.execute(f"ALTER TABLE {self.sql.name} ADD COLUMN {self.sql.definition(name)}")
        else:
            key = ", ".join(map(quoted, self.contract.primary_key))
            columns = ", ".join(map(self.sql.definition, new))
            connection.execute(f"CREATE TABLE {self.sql.name} ({columns}, PRIMARY KEY ({key}))")
            _comment(connection, f"TABLE {self.sql.name}", self.contract.description)
        for name in new:
            column = self.contract.by_name.get(name)
            if column:
                _comment(connection, f"COLUMN {self.sql.name}.{quoted(name)}", column.schema.description)

    def _check(self, connection: psycopg.Connection[Any], types: dict[str, str]) -> None:
        """Compares stored types and unique indexes with the contract."""
        key = set(self.contract.primary_key)
        expected = {name: _catalog_spelling(kind) for name, kind in self.sql.types.items()}
        faults = [
            f"{name} is {types[name]}, the contract wants {kind}"
            for name, kind in expected.items()
            if types.get(name, kind) != kind
        ]
        faults += [f"there is no key column {name}" for name in expected if name in key and name not in types]
        if not faults:
            unique = connection.execute(_UNIQUE, (self.schema, self.contract.name))
            if not any(set(row[0]) == key for row in unique):
                faults = [f"no primary key or unique index is on {', '.join(sorted(key))}"]
        if faults:
            raise LakebaseError(
                f"{self.contract.table}: {self.sql.name} of the Lakebase is another table than "
                f"the contract's: {'; '.join(faults)}; change it there by hand, "
                "or give the contract a table of another name",
                code="RUN421",
            )

    def create_staging(self, connection: psycopg.Connection[Any], staging: str) -> None:
        """Creates an unlogged staging table with its marker row."""
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in self.sql.types.items())
        connection.execute(f"CREATE UNLOGGED TABLE {staging} ({columns}, {COMPLETE_MARKER} boolean)")
        connection.execute(f"INSERT INTO {staging} ({COMPLETE_MARKER}) VALUES (true)")

    def upsert(self, staging: str) -> str:
        """The statement that keeps the newest of staged and stored row of each key.

        Of equally new rows the greatest one stays, compared column by column in the contract's order, null
        above all: a rule of the content alone, so that neither order nor number of arrivals matters. Without
        a sequence, staged rows replace stored ones. Rows are inserted in the order of the key, which keeps
        the index's pages in cache.
        """
        key = list(self.contract.primary_key)
        sequence = self.contract.lake.sequence
        rest = [name for name in self.sql.types if name not in key]
        order = [quoted(name) for name in key]
        order += [f"{quoted(sequence)} DESC NULLS LAST"] if sequence else []
        order += [f"{quoted(name)} DESC NULLS FIRST" for name in rest if name != sequence]
        update = ", ".join(f"{quoted(name)} = EXCLUDED.{quoted(name)}" for name in rest)
        columns, keys = self.sql.columns, ", ".join(map(quoted, key))
        newer = f" WHERE {self._newer(sequence, rest)}" if sequence else ""
        return (
            f"INSERT INTO {self.sql.name} AS stored ({columns}) "
            f"SELECT DISTINCT ON ({keys}) {columns} FROM {staging} "
            f"WHERE {COMPLETE_MARKER} IS NULL ORDER BY {', '.join(order)} "
            f"ON CONFLICT ({keys}) {f'DO UPDATE SET {update}{newer}' if update else 'DO NOTHING'}"
        )

    def _newer(self, sequence: str, rest: list[str]) -> str:
        """The condition that the staged row is newer.

        Records compare with their nulls; lists of columns do not.
        """
        column = quoted(sequence)
        after = [quoted(name) for name in rest if name != sequence]

        def record(of: str) -> str:
            values = [f"{of}.{column} IS NOT NULL", *(f"{of}.{name}" for name in (column, *after))]
            return f"ROW({', '.join(values)})::record"

        return f"EXCLUDED.{column} > stored.{column} OR {record('EXCLUDED')} > {record('stored')}"


def _catalog_spelling(kind: str) -> str:
    return kind.lower() if kind.startswith("NUMERIC(") else kind


def _comment(connection: psycopg.Connection[Any], target: str, text: str) -> None:
    """Sets a comment. COMMENT takes no bound value, so the driver quotes the text."""
    from psycopg.sql import SQL, Literal

    connection.execute(SQL("COMMENT ON {} IS {}").format(SQL(target), Literal(text)))
