"""Holds a located value against a pydantic model and turns each complaint into a fault at its line."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located
from lakehouse.reading.repair import repaired

M = TypeVar("M", bound=BaseModel)

# pydantic's kinds of complaint → our stable codes; what is not here is a wrong value.
CODES = {"missing": "LK102", "extra_forbidden": "LK101"}
# Pydantic speaks of dictionaries and of models, which no file has.
_DICTIONARY = re.compile(r"^a valid dictionary( or instance of \w+)?$")
_CONTAINERS: tuple[Any, ...] = (dict, list)


def check(model: type[M], located: Located, faults: Collector, value: Any = None) -> M | None:
    """The typed fact, or None with every fault noted.

    Keys are those of the file format, not the attributes of the model.
    """
    try:
        return model.model_validate(located.value if value is None else value, by_alias=True, by_name=False)
    except ValidationError as error:
        for e in error.errors():
            _note(model, e, located, faults)
    return None


def check_readable(
    model: type[M], located: Located, faults: Collector, value: Any = None
) -> tuple[M | None, bool]:
    """The typed fact and whether it is sound, with every fault noted.

    Of a fact that is not sound, what can be read: a wrong part is left out or replaced, and later faults of
    that part are not noted, so that a wrong word hides no fault of another part. None when nothing is left.
    """
    before = len(faults.faults)
    fact = check(model, located, faults, value)
    if fact is not None:
        return fact, True
    faults.unreadable |= {(f.file, f.line, f.column) for f in faults.faults[before:] if f.line}
    return repaired(model, located.value if value is None else value), False


def _note(model: type[BaseModel], error: Any, located: Located, faults: Collector) -> None:
    code = CODES.get(error["type"], "LK103")
    loc = _in_file(tuple(error["loc"]), located, code)
    key, path, file = (str(loc[-1]) if loc else ""), ".".join(map(str, loc)), located.file_at(loc)
    if code == "LK101":
        keys = field_names(model, loc[:-1])
        at = located.at(loc, key=True)
        faults.add(
            code,
            f"unknown key '{path}'",
            file=file,
            at=at,
            wanted=f"one of {', '.join(keys)}",
            value=key,
            among=keys,
        )
    elif code == "LK102":
        faults.add(
            code,
            f"key '{path}' is missing",
            file=file,
            at=located.at(loc),
            wanted=_described(model, loc),
            value=key,
        )
    else:
        among = re.findall(r"'([^']+)'", str(error.get("ctx", {}).get("expected", "")))
        expected = error["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
        expected = _DICTIONARY.sub("keys with values, as `key: value`", expected)
        shown = f"{path or 'document'} = {error['input']!r:.80}"
        faults.add(
            code, shown, file=file, at=located.at(loc), wanted=expected, value=error["input"], among=among
        )


def _in_file(loc: tuple[Hashable, ...], located: Located, code: str) -> tuple[Hashable, ...]:
    """pydantic's path without the steps that are its own, such as the branch of a union."""
    last = len(loc) - 1
    path: tuple[Hashable, ...] = ()
    for i, key in enumerate(loc):
        if (*path, key) in located.places or (code == "LK102" and i == last) or not located.places:
            path = (*path, key)
    return path


def _described(model: type[BaseModel], loc: tuple[Hashable, ...]) -> str:
    owner = model_at(model, loc[:-1])
    field = _fields(owner).get(str(loc[-1])) if owner else None
    return field.description if field and field.description else f"a value for {loc[-1]}"


def field_names(model: type[BaseModel], loc: tuple[Hashable, ...]) -> list[str]:
    """The keys that may stand at `loc`, as a file spells them."""
    owner = model_at(model, loc)
    return list(_fields(owner)) if owner else []


def model_at(model: type[BaseModel], loc: tuple[Hashable, ...]) -> type[BaseModel] | None:
    """Follows a path of keys through nested models, lists and dictionaries of models."""
    annotation: Any = model
    for key in loc:
        annotation = _step(annotation, key)
    return _model(annotation)


def _step(annotation: Any, key: Hashable) -> Any:
    """What stands under `key` in a value of this type; None where nothing may."""
    owner = _model(annotation)
    if owner is not None:
        fields = _fields(owner).get(str(key))
        return fields.annotation if fields else None
    inside = next((kind for kind in _alternatives(annotation) if get_origin(kind) in _CONTAINERS), None)
    return get_args(inside)[-1] if inside is not None else None


def _model(annotation: Any) -> type[BaseModel] | None:
    return next(
        (
            kind
            for kind in _alternatives(annotation)
            if isinstance(kind, type) and issubclass(kind, BaseModel)
        ),
        None,
    )


def _alternatives(annotation: Any) -> Iterator[Any]:
    """`annotation` and what it is made of (X | None, Annotated[X, …]); what a container holds is no
    alternative.
    """
    yield annotation
    if get_origin(annotation) not in _CONTAINERS:
        for inner in get_args(annotation):
            yield from _alternatives(inner)


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {f.alias or name: f for name, f in model.model_fields.items()}
