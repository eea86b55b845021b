"""Derives the columns that contracts leave to their queries and functions, and writes them beside these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glue_jobs.analysis.derive import DeriveError, given_columns
from lakehouse.contracts import Contract
from lakehouse.contracts.files import is_short, stated_tables
from lakehouse.contracts.reader import read_schemas
from lakehouse.contracts.short.column_line import write_line
from lakehouse.contracts.short.column_types import DERIVED
from lakehouse.contracts.short.derived import Derived, derived_file, leaves_out
from lakehouse.pipelines import Job
from lakehouse.pipelines.column_origins import UnsureError, inherited, namesakes, origins_of
from lakehouse.pipelines.derived_columns import derivation_digest, statement_of
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import read_yaml

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Outcome:
    """A table whose columns were derived. `changed`: whether its file differs from the one before."""

    table: str
    file: Path
    columns: int
    changed: bool


@dataclass(frozen=True)
class Derivation:
    """The columns that a job gives a table: `given` with Spark's types, `origins` where they are known."""

    table: str
    given: dict[str, str]
    origins: Mapping[str, tuple[str, ...] | None]
    reads: tuple[str, ...]
    contracts: dict[str, Contract]
    digest: str

    def words(self, name: str) -> dict[str, Any]:
        """Type and origins of a column."""
        words = {"type": f"{self.given[name]}?", "from": list(self.origins.get(name) or ())}
        return {key: value for key, value in words.items() if value}

    def tags(self, name: str) -> dict[str, Any]:
        """Tags and mask of a column. Raises UnsureError."""
        return inherited(name, self.origins.get(name), self.reads, self.contracts)

    def description(self, name: str) -> str:
        """That of the only column that it comes from, else where it comes from."""
        origins = self.origins.get(name) or ()
        if len(origins) == 1:
            table, _, column = origins[0].rpartition(".")
            if column == name and column in self.contracts[table].by_name:
                return self.contracts[table].by_name[column].schema.description
        return f"Computed from {', '.join(origins)}." if origins else "Computed by the query."


def deriving_tables(root: Path) -> dict[str, Path]:
    """The tables whose short contract leaves columns or types out."""
    return {
        table: file
        for table, file in stated_tables(root).items()
        if is_short(file) and leaves_out(_stated(file))
    }


def derive(spark: SparkSession, root: Path) -> Iterator[Outcome]:
    """Derives each table after those that it reads, and writes its file. Raises DeriveError (RUN680)."""
    pending = deriving_tables(root)
    jobs = {t: job for p in read_pipelines(Collector(root)).values() for job in p.jobs for t in job.writes}
    while pending:
        ready = [t for t in pending if t not in jobs or not {*jobs[t].reads} & {*pending} - {t}]
        if not ready:
            raise DeriveError(f"{', '.join(pending)}: each is made from another one; state their columns")
        for table in ready:
            file = pending.pop(table)
            if table not in jobs:
                raise DeriveError(f"{table}: no job makes it; state its columns")
            yield _derived(spark, root, table, file, jobs[table])


def _derived(spark: SparkSession, root: Path, table: str, file: Path, job: Job) -> Outcome:
    # Read anew for each table: the columns of those before it are derived now.
    derivation = derivation_of(spark, root, table, job)
    derived = Derived(derivation.digest, lines_of(derivation, _stated(file).get("columns") or {}))
    beside = derived_file(file)
    before = beside.read_text(encoding="utf-8") if beside.exists() else ""
    beside.write_text(derived.text(), encoding="utf-8")
    return Outcome(table, beside, len(derived.lines), before != derived.text())


def derivation_of(spark: SparkSession, root: Path, table: str, job: Job) -> Derivation:
    """What Spark and sqlglot say of the columns that a job gives a table. Raises DeriveError (RUN680)."""
    faults = Collector(root)
    contracts = {t: c for t, c in read_schemas(faults).contracts.items() if t != table}
    statement = statement_of(job, table, faults)
    reads = statement.reads if statement else tuple(sorted(job.reads))
    if lacking := [t for t in reads if t not in contracts]:
        raise DeriveError(f"{table}: reads {lacking[0]}, which has no sound contract")
    given = given_columns(spark, job, table, contracts, faults)
    origins = origins_of(statement, given, contracts) if statement else namesakes(given, reads, contracts)
    digest = derivation_digest(job, table, contracts, faults)
    return Derivation(table, given, origins, reads, contracts, digest)


def lines_of(of: Derivation, stated: Mapping[str, Any]) -> dict[str, str]:
    """Column → its line. `stated`: the columns of the contract, which may say their tags themselves.

    Raises DeriveError where nobody but a person can say the tags.
    """
    lines = {}
    for name in of.given:
        words = of.words(name)
        if not _states_tags(stated.get(name)):
            try:
                words |= of.tags(name)
            except UnsureError as error:
                raise DeriveError(
                    f"{of.table}: {error}; state its tags: `{name}: {DERIVED} pii=… | …`"
                ) from None
        lines[name] = _line({**words, "description": of.description(name)})
    return lines


def _line(words: dict[str, Any]) -> str:
    line = write_line(words)
    if line is None:
        raise DeriveError(f"no line says {words['type']} with these words; state the column")
    return line


def _stated(file: Path) -> dict[str, Any]:
    located = read_yaml(file, Collector(file.parent))
    return located.value if located and isinstance(located.value, dict) else {}


def _states_tags(column: Any) -> bool:
    tags = column.get("tags", {}) if isinstance(column, dict) else str(column or "").split("|")[0].split()
    return any(str(tag).split("=")[0] == "pii" for tag in tags)
