"""Columns of arrays, maps and structs, JSON for them, and what a table holds of it by other people's code."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lakehouse.contracts.nested_types import ArrayOf, Leaf, MapOf, NestedType, StructOf, nested_type
from tests.glue_jobs.contract.value_cases import NUMBER_TOKENS, OTHER_TOKENS, TEXT_TOKENS
from tests.glue_jobs.contract.value_judge import REFUSED, exact, stored

_LINE = "sku:string,price:decimal(8,2),count:int,day:date,at:timestamp,ok:boolean,ratio:double,part:float"
KINDS = {
    "lines": f"array<struct<{_LINE}>>",
    "rates": "map<string,decimal(8,2)>",
    "tags": "array<string>",
    "place": "struct<lat:double,point:struct<x:bigint,label:string>,days:array<date>>",
    "groups": "map<string,array<smallint>>",
}
COLUMNS: dict[str, dict[str, Any]] = {
    name: {"type": ["object" if kind[0] in "ms" else "array", "null"], "x-lake": {"type": kind}}
    for name, kind in KINDS.items()
}
TYPES = {name: nested_type(kind) for name, kind in KINDS.items()}
_JSON_TYPES = {"string": "string", "date": "string", "timestamp": "string", "boolean": "boolean"}


class Pairs(list[tuple[str, Any]]):
    """The keys and values of an object, in their order."""


def read(line: str) -> dict[str, Any]:
    """A line whose objects are Pairs, but for the outermost, and whose fractions are Decimals."""
    return dict(json.loads(line, parse_float=exact, object_pairs_hook=Pairs))


def held(kind: NestedType, value: Any) -> Any:
    """What a table holds of a value, or REFUSED."""
    if value is None:
        return None
    if not Draft202012Validator(_shape(kind)).is_valid(dict(value) if isinstance(value, Pairs) else value):
        return REFUSED
    match kind:
        case Leaf(name):
            rules: dict[str, Any] = {"type": [_JSON_TYPES.get(name, "number"), "null"]}
            rules |= {"format": "date"} if name == "date" else {}
            return stored(rules, name, value)
        case ArrayOf(element):
            some: Any = [held(element, each) for each in value]
            return REFUSED if REFUSED in some else some
        case MapOf(of):
            some = {key: held(of, each) for key, each in dict(value).items()}
        case StructOf(fields):
            some = _fields(dict(fields), value)
    return REFUSED if some is REFUSED or REFUSED in some.values() else some


def _shape(kind: NestedType) -> dict[str, Any]:
    match kind:
        case ArrayOf():
            return {"type": "array"}
        case MapOf() | StructOf():
            return {"type": "object"}
        case _:
            return {"type": ["string", "number", "boolean"]}


def _fields(fields: dict[str, NestedType], pairs: Pairs) -> Any:
    spelled = Counter(key.lower() for key in {key for key, _ in pairs} if key.lower() in fields)
    if any(number > 1 for number in spelled.values()):
        return REFUSED
    last = {key.lower(): value for key, value in pairs}
    return {name: held(kind, last.get(name)) for name, kind in fields.items()}


def as_collected(kind: NestedType, value: Any) -> Any:
    """A value as `held` gives it, of the one that Spark's `to_json` wrote."""
    if value is None:
        return None
    match kind:
        case Leaf("timestamp"):
            return held(kind, value)
        case Leaf("double"):
            return float(value)
        case Leaf("date"):
            return datetime.fromisoformat(value).date()
        case Leaf("float") | Leaf("smallint"):
            return held(kind, value)
        case Leaf():
            return Decimal(value) if kind.name.startswith("decimal") else value
        case ArrayOf(element):
            return [as_collected(element, each) for each in value]
        case MapOf(of):
            return {key: as_collected(of, each) for key, each in value}
        case StructOf(fields):
            return {name: as_collected(dict(fields)[name], each) for name, each in value}


_LEAVES = {"string": TEXT_TOKENS, "date": TEXT_TOKENS, "timestamp": TEXT_TOKENS}


def tokens(kind: NestedType) -> st.SearchStrategy[str]:
    """JSON for a type: most of it of the right shape, half of its values of the right type."""
    match kind:
        case Leaf(name):
            usual = _LEAVES.get(name, NUMBER_TOKENS)
            return st.one_of(usual, usual, usual, TEXT_TOKENS, NUMBER_TOKENS, OTHER_TOKENS)
        case ArrayOf(element):
            lists = st.lists(tokens(element), max_size=2).map(lambda some: f"[{', '.join(some)}]")
            return st.one_of(*[lists] * 8, _misshapen("{}"))
        case MapOf(of):
            keys = st.sampled_from(["a", "A", "\u00e9", 'x\\"y', ""])
            maps = st.lists(st.tuples(keys, tokens(of)), max_size=2).map(_object)
            return st.one_of(*[maps] * 8, _misshapen("[]"))
        case StructOf(fields):
            each = [st.tuples(_key(name), _or_absent(tokens(of))) for name, of in fields]
            more = st.sampled_from([[], [], [], [("other", "1.50")], [(fields[0][0].upper(), "null")]])
            pairs = st.tuples(st.tuples(*each), more).map(lambda both: [*both[0], *both[1]])
            structs = pairs.map(lambda some: _object([(key, token) for key, token in some if token]))
            return st.one_of(*[structs] * 8, _misshapen("[]"))


def sound(kind: NestedType) -> st.SearchStrategy[str]:
    """JSON that a table holds as it is: whole objects of values of their types."""
    match kind:
        case Leaf(name):
            rules = {"type": [_JSON_TYPES.get(name, "number"), "null"]}
            usual = _LEAVES.get(
                name, st.sampled_from(["true", "false"]) if name == "boolean" else NUMBER_TOKENS
            )
            return usual.filter(lambda token: stored(rules, name, _scalar(token)) is not REFUSED)
        case ArrayOf(element):
            return st.lists(sound(element), max_size=2).map(lambda some: f"[{', '.join(some)}]")
        case MapOf(of):
            return st.lists(st.tuples(st.sampled_from(["a", "A"]), sound(of)), max_size=2).map(_object)
        case StructOf(fields):
            each = [st.tuples(_key(name), _or_absent(sound(of))) for name, of in fields]
            return st.tuples(*each).map(lambda some: _object([(key, token) for key, token in some if token]))


def _scalar(token: str) -> Any:
    return json.loads(token, parse_float=exact)


def _key(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from([*[name] * 6, name.title()])


def _or_absent(some: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(some, some, some, st.just(""))


def _misshapen(other: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["null", "5", '"x"', "true", other])


def _object(pairs: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f'"{key}": {token}' for key, token in pairs) + "}"


ROWS = st.fixed_dictionaries({name: tokens(kind) for name, kind in TYPES.items()})
SOUND = st.fixed_dictionaries({name: sound(kind) for name, kind in TYPES.items()})
