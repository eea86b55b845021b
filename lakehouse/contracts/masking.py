"""Where the masks of a contract apply, and whether they mask each value exactly once.

A bronze table holds values as they came, and its masks apply to what is read from it. Any other table holds
what its masks leave: they apply to what is written to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lakehouse.contracts.contract import Column, Contract, spark_type
from lakehouse.contracts.document import Document, Property
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located

# What the platform itself knows of a tag: personal data is that of any `pii` but these two.
PII, NONE, MASKED = "pii", "none", "masked"
# The mask that leaves a value as it is: its tag alone guards it.
CLEAR = "clear"
_CHANGING = ("hash", "partial", "drop")
_PARTIAL_OR_HASH = ("hash", "partial")
# Mask → the characters of the longest value that it makes: SHA-256 in hexadecimal; *** and two more.
_WIDTHS = {"hash": 64, "partial": 5}
_BY_MASK = "x-lake.mask: hash, partial or clear, or tags of pii: masked for values that come masked"


def masks_on_read(contract: Contract) -> dict[str, str]:
    """Column → rule of what leaves the table masked: bronze's."""
    return _changing(contract) if contract.layer == "bronze" else {}


def masks_on_write(contract: Contract) -> dict[str, str]:
    """Column → rule of what is masked before it reaches the table: that of any layer but bronze."""
    return {} if contract.layer == "bronze" else _changing(contract)


def readable_columns(contract: Contract) -> tuple[str, ...]:
    """The columns in which the table holds personal data that can be read."""
    on_write = masks_on_write(contract)
    return tuple(c.name for c in contract.columns if is_personal(c) and c.name not in on_write)


def is_personal(column: Column) -> bool:
    """Whether the tag says that the column holds personal data."""
    return column.lake.tags.get(PII, NONE) not in (NONE, MASKED)


def _changing(contract: Contract) -> dict[str, str]:
    return {c.name: c.lake.mask for c in contract.columns if c.lake.mask in _CHANGING}


def check_masks(
    table: str, doc: Document, located: Located, sound: Mapping[str, Document], faults: Collector
) -> None:
    """Notes masks that are missing, that would hash a hash, or that their column cannot bear."""
    for name, column in doc.properties.items():
        for code, message, expected in _faults(table, name, column, doc, sound):
            at = located.at(("properties", name), key=True)
            faults.add(code, message, file=located.file, at=at, wanted=expected, value=name)


def _faults(
    table: str, name: str, column: Property, doc: Document, sound: Mapping[str, Document]
) -> Iterator[tuple[str, str, str]]:
    lake, bronze = column.x_lake, table.startswith("bronze.")
    pii, mask = lake.tags.get(PII, NONE), lake.mask
    masked_inputs = [origin for origin in lake.derived_from if _is_masked(origin, sound)]
    if mask in _PARTIAL_OR_HASH and masked_inputs:
        message = f"column '{name}' would be masked twice: {masked_inputs[0]} comes masked"
        yield "LK241", message, "no mask, and tags of pii: masked"
    if bronze:
        return
    yield from _too_narrow(table, name, column, sound)
    if mask is None and pii not in (NONE, MASKED):
        yield "LK240", f"column '{name}' is tagged {pii}, and nothing says how it is masked", _BY_MASK
    if mask in _PARTIAL_OR_HASH:
        yield from _of_written_mask(name, column, doc)
    if mask == "drop":
        yield "LK242", f"column '{name}' of {table} is dropped by its own mask", "no such column"
    if mask == CLEAR and doc.x_lake.store == "postgres":
        message = f"column '{name}' is in the clear in the Lakebase, which knows no tags"
        yield "LK245", message, "x-lake.mask: hash or partial"
    if mask is None and pii == MASKED and lake.derived_from and not masked_inputs:
        message = f"column '{name}' is tagged masked, but {lake.derived_from[0]} is not masked"
        yield "LK244", message, _BY_MASK


def _of_written_mask(name: str, column: Property, doc: Document) -> Iterator[tuple[str, str, str]]:
    lake, typed = doc.x_lake, spark_type(column)
    keys = {*lake.primary_key, *lake.business_key, *lake.partition_by}
    keys |= {c for c in (lake.sequence, lake.delete_flag, lake.recompute_by) if c}
    if name in keys:
        yield "LK242", f"column '{name}' is a key, and a key is masked where it leaves bronze", "no mask here"
    if typed and typed[0] != "string":
        yield "LK242", f"column '{name}' is {typed[0]}, and a masked value is text", "a column of type string"
    if lake.source is None and not column.x_lake.derived_from:
        message = f"column '{name}' has a mask, and nothing says whether its input is masked already"
        yield "LK243", message, "x-lake.derived_from: the columns that it comes from"


def _too_narrow(
    table: str, name: str, column: Property, sound: Mapping[str, Document]
) -> Iterator[tuple[str, str, str]]:
    """LK230 for a `maxLength` below what a mask makes of a value: Redshift's column would be as narrow."""
    masks = _masks_of(f"{table}.{name}", column, sound, set())
    width = max((_WIDTHS[mask] for mask in masks), default=0)
    if column.max_length is not None and column.max_length < width:
        mask = next(mask for mask in masks if _WIDTHS[mask] == width)
        message = (
            f"column '{name}' takes {column.max_length} characters, and a value of mask {mask} has {width}"
        )
        yield "LK230", message, f"a maxLength of at least {width}, or none"


def _masks_of(origin: str, column: Property, sound: Mapping[str, Document], asked: set[str]) -> set[str]:
    """The masks that change text in a column, by its own mask or where its values come from."""
    asked.add(origin)
    if column.x_lake.mask in _WIDTHS:
        return {str(column.x_lake.mask)}
    masks: set[str] = set()
    for of in column.x_lake.derived_from:
        table, _, name = of.rpartition(".")
        if of not in asked and table in sound and name in sound[table].properties:
            masks |= _masks_of(of, sound[table].properties[name], sound, asked)
    return masks


def _is_masked(origin: str, sound: Mapping[str, Document]) -> bool:
    """Whether what a column's readers get of it is masked."""
    table, _, name = origin.rpartition(".")
    column = sound[table].properties.get(name) if table in sound else None
    if column is None:
        return False
    return column.x_lake.mask in _PARTIAL_OR_HASH or column.x_lake.tags.get(PII) == MASKED
