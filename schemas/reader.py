"""Reads every contract and suite of a tree, with all their faults at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from facts.check import check, tree_root
from facts.faults import Collector
from facts.located import Located, read_json, read_yaml
from schemas.contract import METADATA, Contract, contract_of, spark_type
from schemas.document import Document
from schemas.suite import EXPECTATIONS, Suite

LAYERS = ("bronze", "silver", "gold")


@dataclass(frozen=True)
class Schemas:
    """All tables: their contracts and suites by `<layer>.<name>`."""

    contracts: dict[str, Contract]
    suites: dict[str, Suite]


def load_schemas(root: Path | None = None) -> Schemas:
    """Raises FaultsError with everything that is wrong below schemas/."""
    faults = Collector(root or tree_root())
    found = read_schemas(faults)
    faults.raise_if_any()
    return found


def read_schemas(faults: Collector) -> Schemas:
    contracts = {c.table: c for layer in LAYERS for c in _contracts(layer, faults)}
    suites: dict[str, Suite] = {}
    for layer in LAYERS:
        for file in sorted((faults.root / "schemas" / layer).glob("*.dq.yml")):
            suite = _suite(file, f"{layer}.{file.name.removesuffix('.dq.yml')}", contracts, faults)
            if suite:
                suites[suite.table] = suite
    return Schemas(contracts, suites)


def _contracts(layer: str, faults: Collector) -> Iterator[Contract]:
    for file in sorted((faults.root / "schemas" / layer).glob("*.schema.json")):
        located = read_json(file, faults)
        doc = check(Document, located, faults) if located else None
        if located and doc and _sound(doc, located, layer, faults):
            yield contract_of(f"{layer}.{file.name.removesuffix('.schema.json')}", doc)


def _sound(doc: Document, located: Located, layer: str, faults: Collector) -> bool:
    """What pydantic cannot see: types that agree, and columns that are named and exist."""
    before = len(faults.faults)
    file, columns = located.file, list(doc.properties)
    wanted_id = f"{layer}/{file.name.removesuffix('.schema.json')}"
    if doc.id != wanted_id:
        faults.add("LK201", f"$id '{doc.id}' is not this file's", file=file, at=located.at(("$id",)), wanted=wanted_id, value=doc.id)
    for name, column in doc.properties.items():
        _column_sound(name, located, doc, faults)
        if column.pattern is not None:
            _regex_sound(column.pattern, located, ("properties", name, "pattern"), faults)
    lake = doc.x_lake
    known = [*columns, *(name for name, _ in METADATA)] if layer == "bronze" else columns
    for key in ("primary_key", "partition_by", "cluster_by", "tracked"):
        for i, name in enumerate(getattr(lake, key)):
            _known(name, known, located, ("x-lake", key, i), faults)
    for key in ("sequence", "delete_flag", "watermark_column", "recompute_by"):
        if getattr(lake, key) is not None:
            _known(getattr(lake, key), known, located, ("x-lake", key), faults)
    for i, name in enumerate(doc.required):
        _known(name, columns, located, ("required", i), faults)
    _write_sound(doc, layer, located, faults)
    return len(faults.faults) == before


def _column_sound(name: str, located: Located, doc: Document, faults: Collector) -> None:
    column = doc.properties[name]
    at = located.at(("properties", name, "type"))
    if spark_type(column) is None:
        wanted = "one JSON type, or x-lake.type with a Spark type such as decimal(18,4)"
        faults.add("LK202", f"column '{name}' has no single Spark type", file=located.file, at=at, wanted=wanted, value=str(column.type))
    if column.x_lake.tags.get("pii") and located.file.parent.name == "bronze" and column.x_lake.mask is None:
        faults.add("LK203", f"pii column '{name}' names no mask", file=located.file, at=at, wanted="x-lake.mask: hash, partial or drop", value=name)


def _write_sound(doc: Document, layer: str, located: Located, faults: Collector) -> None:
    lake, at = doc.x_lake, located.at(("x-lake", "write"))
    needs = {"merge": "sequence", "recompute": "recompute_by", "scd2": "tracked"}.get(lake.write)
    if needs and not getattr(lake, needs):
        faults.add("LK204", f"write '{lake.write}' needs x-lake.{needs}", file=located.file, at=at, wanted=f"x-lake.{needs}", value=lake.write)
    if layer == "bronze" and lake.source is None:
        faults.add("LK205", "a bronze table names no source", file=located.file, at=located.at(("x-lake",)), wanted="x-lake.source")
    if lake.source and lake.source.kind in ("snowflake", "redshift") and not lake.watermark_column:
        faults.add("LK205", "a warehouse source names no watermark_column", file=located.file, at=located.at(("x-lake", "source")), wanted="x-lake.watermark_column")


def _known(name: str, columns: list[str], located: Located, loc: tuple[str | int, ...], faults: Collector) -> None:
    if name not in columns:
        faults.add("LK206", f"{'.'.join(map(str, loc))} names no column: '{name}'", file=located.file, at=located.at(loc), wanted="a column of properties", value=name, among=columns)


def _regex_sound(pattern: str, located: Located, loc: tuple[str | int, ...], faults: Collector) -> None:
    try:
        re.compile(pattern)
    except re.error as e:
        faults.add("LK207", f"'{pattern}' is no regular expression: {e}", file=located.file, at=located.at(loc), wanted="a regular expression", value=pattern)


def _suite(file: Path, table: str, contracts: dict[str, Contract], faults: Collector) -> Suite | None:
    located = read_yaml(file, faults)
    suite = check(Suite, located, faults) if located else None
    if located is None or suite is None:
        return None
    if suite.table != table:
        faults.add("LK201", f"table '{suite.table}' is not this file's", file=file, at=located.at(("table",)), wanted=table, value=suite.table)
    contract = contracts.get(table)
    if contract is None:
        faults.add("LK208", f"table '{table}' has no sound contract", file=file, wanted="a .schema.json beside it", value=table, among=contracts)
        return None
    known = [name for name, _ in contract.stored]
    for i, e in enumerate(suite.expectations):
        _expectation_sound(i, e.type, e.kwargs, located, faults)
        for name in e.columns:
            _known(name, known, located, ("expectations", i, "kwargs"), faults)
        if "regex" in e.kwargs:
            _regex_sound(str(e.kwargs["regex"]), located, ("expectations", i, "kwargs", "regex"), faults)
        if "table" in e.kwargs and e.kwargs["table"] not in contracts:
            other = str(e.kwargs["table"])
            at = located.at(("expectations", i, "kwargs", "table"))
            faults.add("LK208", f"table '{other}' has no contract", file=file, at=at, wanted="a table of schemas/", value=other, among=contracts)
    return suite


def _expectation_sound(i: int, kind: str, kwargs: dict[str, object], located: Located, faults: Collector) -> None:
    if kind not in EXPECTATIONS:
        at = located.at(("expectations", i, "type"))
        faults.add("LK209", f"unknown expectation '{kind}'", file=located.file, at=at, wanted="a supported Great Expectations name", value=kind, among=EXPECTATIONS)
        return
    needs, takes = EXPECTATIONS[kind]
    at = located.at(("expectations", i, "kwargs"))
    for name in sorted(needs - kwargs.keys()):
        faults.add("LK210", f"{kind} lacks '{name}'", file=located.file, at=at, wanted=", ".join(sorted(needs)), value="")
    for name in sorted(kwargs.keys() - needs - takes):
        at = located.at(("expectations", i, "kwargs", name))
        faults.add("LK210", f"{kind} takes no '{name}'", file=located.file, at=at, wanted=", ".join(sorted(needs | takes)), value=name, among=needs | takes)
