"""Where a person is: the tables whose contracts have the subject's column, by its name or by lineage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lakehouse.contracts import Contract, Schemas
from lakehouse.contracts.hash_lineage import hashed_columns
from lakehouse.contracts.masking import MASKED, NONE, PII, readable_columns
from lakehouse.contracts.subjects import column_of
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_type import JobType


@dataclass(frozen=True)
class SubjectTable:
    """A table with rows of persons: its column that names them, and what the source calls it.

    `masked`: the column holds keyed hashes, or what `partial` leaves of a value, which names nobody.
    """

    contract: Contract
    column: str
    masked: Literal["", "hash", "partial"] = ""

    @property
    def table(self) -> str:
        return self.contract.table

    @property
    def source_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.column, self.contract.by_name[self.column].source_name)))

    @property
    def landing(self) -> str | None:
        """The landing prefix of its files; None where it has none."""
        source = self.contract.lake.source
        return f"{source.object.strip('/')}/" if source and source.kind == "landing" else None

    @property
    def published(self) -> bool:
        """Whether a warehouse gets the column that names persons: it gets no readable personal data."""
        return self.column not in readable_columns(self.contract)


def subject_tables(schemas: Schemas, column: str) -> list[SubjectTable]:
    """The tables of the lake and of the Lakebase, those that are read from last first."""
    columns = {table: column_of(contract, column) for table, contract in schemas.contracts.items()}
    of_table = {table: name for table, name in columns.items() if name}
    hashed = {(h.table, h.column) for h in hashed_columns(schemas.contracts)}
    layers = ("gold", "silver", "bronze")
    return [
        SubjectTable(schemas.contracts[table], name, _mask(schemas.contracts[table], name, hashed))
        for table, name in sorted(of_table.items(), key=lambda t: (layers.index(t[0].split(".")[0]), t[0]))
    ]


def nameless_tables(schemas: Schemas, tables: list[SubjectTable]) -> list[str]:
    """Tables with personal data that come from tables of the person and have no column that names them."""
    names = {of.table for of in tables}
    return [
        table
        for table, contract in schemas.contracts.items()
        if table not in names
        and any(
            c.lake.tags.get(PII, NONE) != NONE and names & _parents(c.lake.derived_from)
            for c in contract.columns
        )
    ]


def published_to(jobs: list[Job], table: str) -> list[str]:
    """The warehouses that hold a copy of the table."""
    publishing = [job for job in jobs if job.type is JobType.PUBLISH and table in job.reads]
    return list(dict.fromkeys(job.warehouse for job in publishing))


def _mask(contract: Contract, name: str, hashed: set[tuple[str, str]]) -> Literal["", "hash", "partial"]:
    column = contract.by_name[name]
    if contract.layer == "bronze":
        return ""
    if column.lake.mask == "partial":
        return "partial"
    if (contract.table, name) in hashed:
        return "hash"
    return "partial" if column.lake.tags.get(PII) == MASKED else ""


def _parents(origins: Iterable[str]) -> set[str]:
    return {origin.rpartition(".")[0] for origin in origins}
