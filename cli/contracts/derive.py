"""Derives the columns that contracts leave to their queries and functions, and writes them beside these."""

from __future__ import annotations

from collections.abc import Iterator
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
    faults = Collector(root)
    contracts = {t: c for t, c in read_schemas(faults).contracts.items() if t != table}
    statement = statement_of(job, table, faults)
    reads = statement.reads if statement else tuple(sorted(job.reads))
    if lacking := [t for t in reads if t not in contracts]:
        raise DeriveError(f"{table}: reads {lacking[0]}, which has no sound contract")
    given = given_columns(spark, job, table, contracts, faults)
    origins = origins_of(statement, given, contracts) if statement else namesakes(given, reads, contracts)
    stated = _stated(file).get("columns") or {}
    lines = {}
    for name, kind in given.items():
        words = {"type": f"{kind}?", "from": list(origins.get(name, ()))}
        words = {key: value for key, value in words.items() if value}
        if not _states_tags(stated.get(name)):
            try:
                words |= inherited(name, origins.get(name), reads, contracts)
            except UnsureError as error:
                raise DeriveError(
                    f"{table}: {error}; state its tags: `{name}: {DERIVED} pii=… | …`"
                ) from None
        lines[name] = _line({**words, "description": _description(name, words, contracts)})
    derived = Derived(derivation_digest(job, table, contracts, faults), lines)
    beside = derived_file(file)
    before = beside.read_text(encoding="utf-8") if beside.exists() else ""
    beside.write_text(derived.text(), encoding="utf-8")
    return Outcome(table, beside, len(lines), before != derived.text())


def _line(words: dict[str, Any]) -> str:
    line = write_line(words)
    if line is None:
        raise DeriveError(f"no line says {words['type']} with these words; state the column")
    return line


def _description(name: str, words: dict[str, Any], contracts: dict[str, Contract]) -> str:
    """That of the only column that it comes from, else where it comes from."""
    origins = words.get("from", [])
    if len(origins) == 1:
        table, _, column = origins[0].rpartition(".")
        if column == name and column in contracts[table].by_name:
            return contracts[table].by_name[column].schema.description
    return f"Computed from {', '.join(origins)}." if origins else "Computed by the query."


def _stated(file: Path) -> dict[str, Any]:
    located = read_yaml(file, Collector(file.parent))
    return located.value if located and isinstance(located.value, dict) else {}


def _states_tags(column: Any) -> bool:
    tags = column.get("tags", {}) if isinstance(column, dict) else str(column or "").split("|")[0].split()
    return any(str(tag).split("=")[0] == "pii" for tag in tags)
