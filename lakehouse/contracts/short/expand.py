"""A short contract as what it stands for: a contract's JSON Schema and a suite, at the places of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lakehouse.contracts.short.column_line import LineError, parse_line
from lakehouse.contracts.short.column_types import DERIVED, TYPE_NAMES, type_of
from lakehouse.contracts.short.defaults import default_system, first_sentence, watermark_of
from lakehouse.contracts.short.derived import with_derived
from lakehouse.contracts.short.model import ShortTable
from lakehouse.contracts.short.placed import Placed
from lakehouse.contracts.short.rules import put_suite
from lakehouse.reading.check import check
from lakehouse.reading.faults import Collector
from lakehouse.reading.jsontext import Place
from lakehouse.reading.located import Located

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# Keys of the file that are keys of `x-lake` under the same name.
SAME = (
    "business_key",
    "sequence",
    "delete_flag",
    "partition_by",
    "cluster_by",
    "incremental_from",
    "depends_on",
    "recompute_by",
    "tracked",
    "dropped",
    "unknown_member",
    "rules",
)
# Word of a column → keyword of JSON Schema.
KEYWORDS = {
    "min": "minimum",
    "max": "maximum",
    "above": "exclusiveMinimum",
    "below": "exclusiveMaximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
    "format": "format",
    "enum": "enum",
    "examples": "examples",
}
# Word of a column → key of its `x-lake`.
LAKE = {
    "source": "source",
    "date_format": "date_format",
    "tags": "tags",
    "mask": "mask",
    "from": "derived_from",
    "reference": "reference",
}


# (words, where in the column's JSON Schema their keywords stand).
_PLACES_OF_WORDS: tuple[tuple[dict[str, str], tuple[str, ...]], ...] = ((KEYWORDS, ()), (LAKE, ("x-lake",)))


@dataclass(frozen=True)
class Expanded:
    """The contract of a short file, and its suite where it states one or leaves it to the standard rules."""

    contract: Located
    suite: Located | None


def expand(table: str, located: Located, faults: Collector, *, suite_beside: bool) -> Expanded | None:
    """Both documents; None, with the faults noted, where the file is no short contract.

    `suite_beside`: the suite lies in a file of its own, so that this one states none.
    """
    short = check(ShortTable, located, faults)
    columns = _columns(located, faults)
    if short is None or len(columns) < len(short.columns):
        return None
    if short.derive or any(words.get("type") == DERIVED for words in columns.values()):
        columns = with_derived(table, short, columns, located, faults)
    elif not columns:
        faults.add(
            "LK102",
            "key 'columns' is missing",
            file=located.file,
            at=located.at(()),
            wanted="the columns of the table, or derive: true",
            value="columns",
        )
    if not columns:
        return None
    contract = Placed(located.file, located.at(()))
    _put_table(table, short, columns, located, contract)
    for name, column in columns.items():
        _put_column(name, column, located, contract)
    required = [name for name, column in columns.items() if not column.get("optional")]
    contract.put(("required",), required, located.at(("columns",)))
    if suite_beside:
        if short.suite is not None:
            at, expected = located.at(("suite",), key=True), "the suite here, or in the .dq.yml beside it"
            faults.add("LK218", "the suite stands twice", file=located.file, at=at, wanted=expected)
        return Expanded(contract.located, None)
    return Expanded(contract.located, put_suite(table, short, contract.located, located, faults))


def _columns(located: Located, faults: Collector) -> dict[str, dict[str, Any]]:
    """Column → its words, without those whose line or type is none, which are noted as faults."""
    declared = located.value.get("columns") if isinstance(located.value, dict) else None
    columns: dict[str, dict[str, Any]] = {}
    for name, value in declared.items() if isinstance(declared, dict) else ():
        try:
            columns[name] = _words(value)
        except LineError as error:
            faults.add(
                "LK217",
                f"column '{name}': {error}",
                file=located.file,
                at=located.at(("columns", name)),
                wanted=error.wanted,
                value=error.value,
                among=error.among,
            )
    return columns


def _words(value: Any) -> dict[str, Any]:
    """The words of a column, of a line or of its long form. Raises LineError."""
    if isinstance(value, str):
        return parse_line(value)
    words = value if isinstance(value, dict) else {}
    kind = words.get("type")
    if isinstance(kind, str) and kind != DERIVED and type_of(kind) is None:
        raise LineError(f"'{kind}' is no type", ", ".join(TYPE_NAMES), kind, TYPE_NAMES)
    return words


def _put_table(
    table: str, short: ShortTable, columns: dict[str, dict[str, Any]], located: Located, contract: Placed
) -> None:
    layer, name = table.split(".")

    def at(key: str) -> Place:
        return located.at((key,))

    contract.put(("$schema",), DIALECT, at("description"))
    contract.put(("$id",), f"{layer}/{name}", at("description"))
    title = short.title or first_sentence(short.description)
    contract.put(("title",), title, at("title" if short.title else "description"))
    contract.put(("description",), short.description, at("description"))
    contract.put(("type",), "object", at("description"))
    for key in ("version", "owner", "store"):
        contract.put(("x-lake", key), getattr(short, key), at(key))
    write = short.write or ("append" if layer == "bronze" else None)
    primary_key = short.key or [column for column, words in columns.items() if words.get("key")]
    if write:
        contract.put(("x-lake", "write"), write, at("write"))
    if primary_key:
        contract.put(("x-lake", "primary_key"), primary_key, at("key" if short.key else "columns"))
    for same in SAME:
        if same in located.value:
            contract.copy(("x-lake", same), located, (same,))
    _put_source(name, short, located, contract)
    more = short.additional_properties
    contract.put(
        ("additionalProperties",),
        (layer == "bronze" or short.source is not None) if more is None else more,
        at("additionalProperties"),
    )


def _put_source(name: str, short: ShortTable, located: Located, contract: Placed) -> None:
    """The source with its system, and how far it was read: the column, and the key that keeps it."""
    source = short.source
    if source is not None:
        contract.copy(("x-lake", "source"), located, ("source",))
        system = source.system or default_system(source.object)
        contract.put(("x-lake", "source", "system"), system, located.at(("source", "system")))
    watermark, key = watermark_of(name, source.kind if source else None, short.sequence)
    for loc, declared, default in (
        ("watermark_column", short.watermark_column, watermark),
        ("watermark_state_key", short.watermark_state_key, key),
    ):
        value = declared if loc in located.value else default
        if value is not None:
            contract.put(("x-lake", loc), value, located.at((loc,)))


def _put_column(name: str, column: dict[str, Any], located: Located, contract: Placed) -> None:
    of, to = ("columns", name), ("properties", name)
    for key, value in (type_of(column["type"]) or {}).items():
        contract.put((*to, key), value, located.at((*of, "type")))
    contract.put((*to, "description"), column["description"], located.at((*of, "description")))
    for words, prefix in _PLACES_OF_WORDS:
        for word, keyword in words.items():
            if word in column:
                contract.put((*to, *prefix, keyword), column[word], located.at((*of, word)))
    contract.located.keys[to] = located.at(of, key=True)
