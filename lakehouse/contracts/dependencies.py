"""What a contract says of the tables that its rows look up: they exist, and their keys and times fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lakehouse.contracts.contract import METADATA
from lakehouse.contracts.document import Dependency, Document
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Loc, Located

# The write modes in which rows can be derived again.
_MODES = ("merge", "recompute")


def check_dependencies(
    doc: Document, located: Located, sound: Mapping[str, Document], faults: Collector
) -> None:
    """Notes what `incremental_from` and `depends_on` state and a run could not follow.

    A table without a sound contract has its fault elsewhere.
    """
    lake = doc.x_lake
    inputs = {t: sound[t] for t in lake.incremental_from if t in sound}
    if lake.write == "recompute":
        _check_days(doc, inputs, located, faults)
    for i, dependency in enumerate(lake.depends_on):
        loc: Loc = ("x-lake", "depends_on", i)
        _check_shape(doc, dependency, located, loc, faults)
        for column in (*dependency.on, *([dependency.at] if dependency.at else [])):
            for table, source in inputs.items():
                _check_column(table, source, column, located, loc, faults)
        if dependency.table in sound:
            reference = sound[dependency.table]
            times = [c for c in (dependency.valid_from, dependency.valid_to) if c]
            for column in (*dependency.on.values(), *times, *dependency.per):
                _check_column(dependency.table, reference, column, located, loc, faults)
            _check_looked_up(doc, dependency, located, loc, faults)
    if lake.depends_on and lake.write == "merge":
        _check_keys(doc, inputs, located, faults)


def _check_days(doc: Document, inputs: Mapping[str, Document], located: Located, faults: Collector) -> None:
    """A recomputed table follows inputs that have its days; what has none is looked up."""
    day = str(doc.x_lake.recompute_by)
    for i, table in enumerate(doc.x_lake.incremental_from):
        source = inputs.get(table)
        if source is None or day in _columns(table, source) or source.x_lake.partition_by:
            continue
        faults.add(
            "LK333",
            f"{table} has no day: neither a column '{day}' nor a partition",
            file=located.file,
            at=located.at(("x-lake", "incremental_from", i)),
            wanted="a table with the days of recompute_by; one that the rows look up stands in depends_on",
            value=table,
        )


def _check_shape(
    doc: Document, dependency: Dependency, located: Located, loc: Loc, faults: Collector
) -> None:
    lake = doc.x_lake

    def note(message: str, wanted: str) -> None:
        faults.add(
            "LK334", message, file=located.file, at=located.at(loc), wanted=wanted, value=dependency.table
        )

    if lake.write not in _MODES:
        note(f"a table that is written by {lake.write} derives no rows again", "write: merge or recompute")
    if not lake.incremental_from:
        note("depends_on without incremental_from", "the tables whose rows look it up in incremental_from")
    if dependency.table in lake.incremental_from:
        note(f"{dependency.table} is in incremental_from too", "the table in one of the two")
    if not dependency.on and not dependency.at:
        note("neither `on` nor `at` says which rows look it up", "`on`, or `at` and valid_from, or both")
    if bool(dependency.at) != bool(dependency.valid_from):
        note("`at` and valid_from go together", "both or none of them")
    if dependency.valid_to and not dependency.valid_from:
        note("valid_to without valid_from", "valid_from too")
    if dependency.per and (dependency.valid_to or not dependency.valid_from):
        note("`per` is of rows that end where the next one begins", "`per` with valid_from and no valid_to")


def _check_looked_up(
    doc: Document, dependency: Dependency, located: Located, loc: Loc, faults: Collector
) -> None:
    """What is looked up are the columns that some column states as its origin or reference."""
    lakes = [column.x_lake for column in doc.properties.values()]
    origins = [o for lake in lakes for o in (lake.reference, *lake.derived_from) if o]
    if not any(origin.rpartition(".")[0] == dependency.table for origin in origins):
        faults.add(
            "LK335",
            f"no column is derived from {dependency.table} or refers to it",
            file=located.file,
            at=located.at(loc),
            wanted="derived_from or reference in the columns that are looked up",
            value=dependency.table,
        )


def _check_keys(doc: Document, inputs: Mapping[str, Document], located: Located, faults: Collector) -> None:
    """A merged table derives all rows of a key again, so its one input must have the key."""
    at = located.at(("x-lake", "depends_on"), key=True)
    if len(doc.x_lake.incremental_from) > 1:
        faults.add(
            "LK334",
            "a merged table with depends_on has several inputs",
            file=located.file,
            at=at,
            wanted="one table in incremental_from",
            value=", ".join(doc.x_lake.incremental_from),
        )
    for table, source in inputs.items():
        for column in doc.x_lake.primary_key:
            _check_column(table, source, column, located, ("x-lake", "depends_on"), faults)


def _check_column(
    table: str, document: Document, column: str, located: Located, loc: Loc, faults: Collector
) -> None:
    columns = _columns(table, document)
    if column not in columns:
        faults.add(
            "LK206",
            f"x-lake.depends_on: {table} has no column '{column}'",
            file=located.file,
            at=located.at(loc),
            wanted=f"a column of {table}",
            value=column,
            among=columns,
        )


def _columns(table: str, document: Document) -> Iterable[str]:
    metadata = [name for name, _ in METADATA] if table.startswith("bronze.") else []
    return [*document.properties, *metadata]
