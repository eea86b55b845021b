"""A contract and its suite as a short contract that expands to the same."""

from __future__ import annotations

from typing import Any

import yaml

from lakehouse.contracts.short.column_line import write_line
from lakehouse.contracts.short.column_types import name_of
from lakehouse.contracts.short.defaults import default_system, first_sentence, watermark_of
from lakehouse.contracts.short.expand import KEYWORDS, LAKE, SAME
from lakehouse.contracts.short.rules import RULES, same_rule, standard_rules

_NAMES = {expectation: name for name, expectation in RULES.items()}


def shorten(table: str, contract: dict[str, Any], suite: dict[str, Any]) -> str:
    """The text of the short contract. Both documents are without faults."""
    return short_yaml(short_document(table, contract, suite))


def short_document(table: str, contract: dict[str, Any], suite: dict[str, Any]) -> dict[str, Any]:
    """The short contract as the keys of its file."""
    short = _table(table, contract)
    standard = standard_rules(table, contract)
    expectations: list[dict[str, Any]] = [{"kwargs": {}, **e} for e in suite["expectations"]]
    if all(any(same_rule(rule, e) for e in expectations) for rule in standard):
        expectations = [e for e in expectations if e not in standard]
    else:
        short["standard_rules"] = False
    columns, required = contract["properties"], contract["required"]
    short["columns"] = {
        name: _column(name, column, contract["x-lake"]["primary_key"], required, "key" not in short)
        for name, column in columns.items()
    }
    if expectations:
        short["suite"] = [_rule(expectation) for expectation in expectations]
    return short


def short_yaml(value: dict[str, Any]) -> str:
    """The YAML of a short contract or a part of one: a line a column, a rule and a list."""
    lines = _Block(value)
    if "columns" in value:
        lines["columns"] = _Block(value["columns"])
    return yaml.dump(lines, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def _table(table: str, contract: dict[str, Any]) -> dict[str, Any]:
    """The keys of the table that differ from their defaults."""
    layer, name = table.split(".")
    lake, short = contract["x-lake"], {}
    if contract["title"] != first_sentence(contract["description"]):
        short["title"] = contract["title"]
    short |= {"description": contract["description"], "owner": lake["owner"]}
    if lake["version"] != 1:
        short["version"] = lake["version"]
    if (layer, lake["write"]) != ("bronze", "append"):
        short["write"] = lake["write"]
    if lake.get("store", "delta") != "delta":
        short["store"] = lake["store"]
    in_order = [column for column in contract["properties"] if column in lake["primary_key"]]
    if in_order != lake["primary_key"]:
        short["key"] = lake["primary_key"]
    short |= {key: lake[key] for key in SAME if lake.get(key)}
    source = lake.get("source")
    default = watermark_of(name, source["kind"] if source else None, lake.get("sequence"))
    for key, usual in zip(("watermark_column", "watermark_state_key"), default, strict=True):
        if lake.get(key) != usual:
            short[key] = lake.get(key)
    if source:
        usual_system = source["system"] == default_system(source["object"])
        short["source"] = {k: v for k, v in source.items() if k != "system" or not usual_system}
    if contract.get("additionalProperties", True) != (layer == "bronze" or source is not None):
        short["additionalProperties"] = contract.get("additionalProperties", True)
    return short


def _column(
    name: str, column: dict[str, Any], primary_key: list[str], required: list[str], marks_key: bool
) -> str | dict[str, Any]:
    lake = column.get("x-lake", {})
    words: dict[str, Any] = {"type": name_of(column)}
    if marks_key and name in primary_key:
        words["key"] = True
    if name not in required:
        words["optional"] = True
    words |= {word: lake[key] for word, key in LAKE.items() if lake.get(key)}
    formats = ("date", "date-time")
    words |= {w: column[k] for w, k in KEYWORDS.items() if k in column and column[k] not in formats}
    words["description"] = column["description"]
    line = write_line(words)
    return words if line is None else line


def _rule(expectation: dict[str, Any]) -> dict[str, Any]:
    kwargs = expectation["kwargs"]
    argument = kwargs["column"] if list(kwargs) == ["column"] else kwargs
    severity = {} if expectation["severity"] == "critical" else {"severity": expectation["severity"]}
    why = {"why": expectation["why"]} if expectation.get("why") else {}
    return {_NAMES[expectation["type"]]: argument, **severity, **why}


class _Block(dict[str, Any]):
    """A mapping of which each key has a line; every other mapping is on one."""


class _Dumper(yaml.SafeDumper):
    """Writes what is inside a rule, a source or a list on one line."""


def _represent_mapping(dumper: _Dumper, value: dict[str, Any]) -> yaml.Node:
    flow = not isinstance(value, _Block)
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=flow)


def _represent_list(dumper: _Dumper, value: list[Any]) -> yaml.Node:
    rules = bool(value) and all(isinstance(v, dict) for v in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=not rules)


for _kind in (dict, _Block):
    _Dumper.add_representer(_kind, _represent_mapping)
_Dumper.add_representer(list, _represent_list)
