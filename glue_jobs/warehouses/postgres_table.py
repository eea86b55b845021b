"""A table of the Lakebase as its contract wants it: made, given new columns, and the SQL by which a batch gets into it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from glue_jobs.connections.postgres import LakebaseError
from glue_jobs.connections.sql_names import quoted
from glue_jobs.warehouses.statements import POSTGRES, Shape, shape
from glue_jobs.warehouses.warehouse import WarehouseError
from lakehouse.contracts import Contract
from lakehouse.environments import names

if TYPE_CHECKING:
    import psycopg

# True in the one row of a staging table that says it is whole: a server that crashes empties unlogged tables.
MARK = "_whole"
_TYPES = """SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped"""
_UNIQUE = """SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
WHERE n.nspname = %s AND c.relname = %s AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL GROUP BY i.indexrelid"""


@dataclass(frozen=True)
class LakebaseTable:
    """`shape.types` are as PostgreSQL's catalog spells them."""

    contract: Contract
    shape: Shape

    @classmethod
    def of(cls, contract: Contract) -> LakebaseTable:
        """Raises LakebaseError (RUN421) for a type that has no place there."""
        types = {**POSTGRES, **{kind: kind for _, kind in contract.stored if kind.startswith("decimal(")}}
        for name, kind in contract.stored:
            if kind not in types:
                raise LakebaseError(
                    f"{contract.table}.{name}: {kind} has no place in the Lakebase; write it as a string",
                    code="RUN421",
                )
        try:
            made = shape(contract, quoted(names.lakebase_schema(contract.layer)), POSTGRES, str)
        except WarehouseError as error:
            raise LakebaseError(str(error), code="RUN421") from None
        return cls(contract, made)

    @property
    def schema(self) -> str:
        return names.lakebase_schema(self.contract.layer)

    def staging(self, stream: str) -> tuple[str, str]:
        """(what the names of this stream's staging tables begin with, a new one): each attempt has a table of its own."""
        whose = sha256(f"{stream}\n{self.contract.table}".encode()).hexdigest()[:16]
        return f"_staging_{whose}_", f"_staging_{whose}_{uuid4().hex[:12]}"

    def prepare(self, connection: psycopg.Connection[Any]) -> None:
        """Makes the table, or adds what it lacks. Raises LakebaseError (RUN421) when it is another table than the contract's."""
        there = {
            str(name): str(kind)
            for name, kind in connection.execute(_TYPES, (self.schema, self.contract.name))
        }
        wanted = {name: _spelled(kind) for name, kind in self.shape.types.items()}
        new = [name for name in wanted if name not in there]
        if there:
            self._refuse_another(connection, there, wanted, new)
            for name in new:
                connection.execute(f"ALTER TABLE {self.shape.name} ADD COLUMN {self.shape.definition(name)}")
        else:
            key = ", ".join(map(quoted, self.contract.primary_key))
            columns = ", ".join(map(self.shape.definition, new))
            connection.execute(f"CREATE TABLE {self.shape.name} ({columns}, PRIMARY KEY ({key}))")
            _comment(connection, f"TABLE {self.shape.name}", self.contract.description)
        for name in new:
            column = self.contract.by_name.get(name)
            if column:
                _comment(connection, f"COLUMN {self.shape.name}.{quoted(name)}", column.schema.description)

    def _refuse_another(
        self,
        connection: psycopg.Connection[Any],
        there: dict[str, str],
        wanted: dict[str, str],
        new: list[str],
    ) -> None:
        key = set(self.contract.primary_key)
        faults = [
            f"{name} is {there[name]}, the contract wants {kind}"
            for name, kind in wanted.items()
            if there.get(name, kind) != kind
        ]
        faults += [f"there is no key column {name}" for name in new if name in key]
        if not faults and not any(
            set(row[0]) == key for row in connection.execute(_UNIQUE, (self.schema, self.contract.name))
        ):
            faults = [f"no primary key or unique index is on {', '.join(sorted(key))}"]
        if faults:
            raise LakebaseError(
                f"{self.contract.table}: {self.shape.name} of the Lakebase is another table than the contract's: {'; '.join(faults)}; "
                "change it there by hand, or give the contract a table of another name",
                code="RUN421",
            )

    def make_staging(self, connection: psycopg.Connection[Any], staging: str) -> None:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in self.shape.types.items())
        connection.execute(f"CREATE UNLOGGED TABLE {staging} ({columns}, {MARK} boolean)")
        connection.execute(f"INSERT INTO {staging} ({MARK}) VALUES (true)")

    def upsert(self, staging: str) -> str:
        """Newest row per key, of those that came and the one that is there; where the contract has no sequence, what came replaces what is there.

        Of rows that are equally new the greatest one stays, compared column by column in the contract's order, null above all: a rule of the
        content alone, so that neither the order nor the number of arrivals matters. Rows go in by the order of their key, which keeps the
        index's pages at hand.
        """
        key = list(self.contract.primary_key)
        sequence = self.contract.lake.sequence
        rest = [name for name in self.shape.types if name not in key]
        order = [quoted(name) for name in key]
        order += [f"{quoted(sequence)} DESC NULLS LAST"] if sequence else []
        order += [f"{quoted(name)} DESC NULLS FIRST" for name in rest if name != sequence]
        update = ", ".join(f"{quoted(name)} = EXCLUDED.{quoted(name)}" for name in rest)
        columns = self.shape.columns
        return (
            f"INSERT INTO {self.shape.name} AS there ({columns}) SELECT DISTINCT ON ({', '.join(map(quoted, key))}) {columns} FROM {staging} "
            f"WHERE {MARK} IS NULL ORDER BY {', '.join(order)} "
            f"ON CONFLICT ({', '.join(map(quoted, key))}) {f'DO UPDATE SET {update}' if update else 'DO NOTHING'}"
            + (f" WHERE {self._newer(sequence, rest)}" if sequence and update else "")
        )

    def _newer(self, sequence: str, rest: list[str]) -> str:
        """What came is newer than what is there. As records, rows are compared with their nulls; as lists of columns they would not be."""
        column = quoted(sequence)
        after = [quoted(name) for name in rest if name != sequence]

        def record(of: str) -> str:
            return f"ROW({', '.join([f'{of}.{column} IS NOT NULL', *(f'{of}.{name}' for name in (column, *after))])})::record"

        return f"EXCLUDED.{column} > there.{column} OR {record('EXCLUDED')} > {record('there')}"


def _spelled(kind: str) -> str:
    return kind.lower() if kind.startswith("NUMERIC(") else kind


def _comment(connection: psycopg.Connection[Any], what: str, text: str) -> None:
    """COMMENT takes no bound value, so the text is quoted by the driver's own rule."""
    from psycopg.sql import SQL, Literal

    connection.execute(SQL("COMMENT ON {} IS {}").format(SQL(what), Literal(text)))
