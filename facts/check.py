"""Holds a located value against a pydantic model and turns each complaint into a fault at its line."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from facts.faults import Collector
from facts.located import Located

M = TypeVar("M", bound=BaseModel)

# pydantic's kinds of complaint → our stable codes; what is not here is a wrong value.
CODES = {"missing": "LK102", "extra_forbidden": "LK101"}


def check(model: type[M], located: Located, faults: Collector, value: Any = None) -> M | None:
    """The typed fact, or None with every fault noted."""
    try:
        return model.model_validate(located.value if value is None else value)
    except ValidationError as error:
        for e in error.errors():
            _note(model, e, located, faults)
    return None


def _note(model: type[BaseModel], error: Any, located: Located, faults: Collector) -> None:
    loc: tuple[Hashable, ...] = tuple(error["loc"])
    key, code = (str(loc[-1]) if loc else ""), CODES.get(error["type"], "LK103")
    file, at = located.file_at(loc), located.at(loc)
    path = ".".join(map(str, loc))
    if code == "LK101":
        known = field_names(model, loc[:-1])
        faults.add(code, f"unknown key '{path}'", file=file, at=at, wanted=f"one of {', '.join(known)}", value=key, among=known)
    elif code == "LK102":
        faults.add(code, f"key '{path}' is missing", file=file, at=at, wanted=_described(model, loc), value="")
    else:
        faults.add(code, f"{path or 'document'} = {error['input']!r:.80}: {error['msg']}", file=file, at=at, value=error["input"])


def _described(model: type[BaseModel], loc: tuple[Hashable, ...]) -> str:
    owner = model_at(model, loc[:-1])
    described = owner.model_fields.get(str(loc[-1])) if owner else None
    return (described.description or f"a value for {loc[-1]}") if described else f"a value for {loc[-1]}"


def field_names(model: type[BaseModel], loc: tuple[Hashable, ...]) -> list[str]:
    """The keys that may stand at `loc`, as a file spells them."""
    owner = model_at(model, loc)
    return [f.alias or name for name, f in owner.model_fields.items()] if owner else []


def model_at(model: type[BaseModel], loc: tuple[Hashable, ...]) -> type[BaseModel] | None:
    """Follows a path of keys through nested models, lists and dictionaries of models."""
    here: type[BaseModel] | None = model
    for key in loc:
        if here is None:
            return None
        by_alias = {f.alias or name: f for name, f in here.model_fields.items()}
        if str(key) in by_alias:
            here = _inner_model(by_alias[str(key)].annotation)
    return here


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [m for m in map(_inner_model, get_args(annotation)) if m]
    return found[0] if found else None


def tree_root() -> Path:
    """The checkout or wheel that holds the fact rooms."""
    return Path(__file__).resolve().parent.parent
