"""Checks of what a contract says of others: its inputs, the parents of its columns, and its references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lakehouse.contracts.dependencies import check_dependencies
from lakehouse.contracts.document import Document
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Loc, Located


def check_links(
    table: str,
    doc: Document,
    located: Located,
    sound: Mapping[str, Document],
    declared: Sequence[str],
    faults: Collector,
) -> None:
    """Checks the names of other tables. `stated` are all tables with a contract, `sound` those without
    faults: a faulty contract is not reported twice.
    """
    for i, name in enumerate(doc.x_lake.incremental_from):
        _table_exists(name, located, ("x-lake", "incremental_from", i), declared, faults)
    for i, dependency in enumerate(doc.x_lake.depends_on):
        _table_exists(dependency.table, located, ("x-lake", "depends_on", i, "table"), declared, faults)
    check_dependencies(doc, located, sound, faults)
    for name, column in doc.properties.items():
        for i, origin in enumerate(column.x_lake.derived_from):
            _column_exists(
                origin, located, ("properties", name, "x-lake", "derived_from", i), sound, declared, faults
            )
        if column.x_lake.reference is not None:
            _column_exists(
                column.x_lake.reference,
                located,
                ("properties", name, "x-lake", "reference"),
                sound,
                declared,
                faults,
            )
    _key_is_its_own(table, doc, located, sound, faults)


def _key_is_its_own(
    table: str, doc: Document, located: Located, sound: Mapping[str, Document], faults: Collector
) -> None:
    key = doc.x_lake.watermark_state_key
    first = next((t for t, d in sound.items() if key and d.x_lake.watermark_state_key == key), table)
    if first != table:
        at = located.at(("x-lake", "watermark_state_key"))
        faults.add(
            "LK214",
            f"watermark_state_key '{key}' is also that of {first}",
            file=located.file,
            at=at,
            wanted="a key of its own",
            value=key,
        )


def _table_exists(name: str, located: Located, loc: Loc, declared: Sequence[str], faults: Collector) -> bool:
    if name not in declared:
        at = located.at(loc)
        faults.add(
            "LK208",
            f"table '{name}' has no contract",
            file=located.file,
            at=at,
            wanted="a table of schemas/",
            value=name,
            among=declared,
        )
    return name in declared


def _column_exists(
    origin: str,
    located: Located,
    loc: Loc,
    sound: Mapping[str, Document],
    declared: Sequence[str],
    faults: Collector,
) -> None:
    table, _, column = origin.rpartition(".")
    if (
        _table_exists(table, located, loc, declared, faults)
        and table in sound
        and column not in sound[table].properties
    ):
        columns = [f"{table}.{name}" for name in sound[table].properties]
        message = f"'{origin}' is no column"
        faults.add(
            "LK206",
            message,
            file=located.file,
            at=located.at(loc),
            wanted="<layer>.<table>.<column>",
            value=origin,
            among=columns,
        )
