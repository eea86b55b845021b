"""Where a person is: the tables whose contracts have the subject's column, by its name or by lineage."""

from __future__ import annotations

from dataclasses import dataclass

from lakehouse.contracts import Contract, Schemas
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_type import JobType


@dataclass(frozen=True)
class SubjectTable:
    """A table with rows of persons: its column that names them, and what the source calls it."""

    contract: Contract
    column: str

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


def subject_tables(schemas: Schemas, column: str) -> list[SubjectTable]:
    """The tables of the lake and of the Lakebase, those that are read from last first."""
    columns = {table: _column(contract, column) for table, contract in schemas.contracts.items()}
    of_table = {table: name for table, name in columns.items() if name}
    layers = ("gold", "silver", "bronze")
    return [
        SubjectTable(schemas.contracts[table], of_table[table])
        for table in sorted(of_table, key=lambda t: (layers.index(t.split(".")[0]), t))
    ]


def _column(contract: Contract, column: str) -> str | None:
    """The column of this name, else one that comes from such a column alone."""
    if column in contract.by_name:
        return column
    for candidate in contract.columns:
        names = {origin.rpartition(".")[2] for origin in candidate.lake.derived_from}
        if names == {column}:
            return candidate.name
    return None


def published_to(jobs: list[Job], table: str) -> list[str]:
    """The warehouses that hold a copy of the table."""
    publishing = [job for job in jobs if job.type is JobType.PUBLISH and table in job.reads]
    return list(dict.fromkeys(job.warehouse for job in publishing))
