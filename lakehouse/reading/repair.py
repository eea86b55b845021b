"""Makes a value readable that breaks its model, so that the checks of its other parts can go on."""

from __future__ import annotations

import copy
import difflib
import types
from collections.abc import Hashable, Sequence
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)

# A value may have several faults one behind the other, such as a missing part that itself lacks parts.
_ROUNDS = 4
# Texts that one pattern or another takes: a name, a table, a column, a path of SQL.
_TEXTS = ("xx", "bronze.xx", "bronze.xx.xx", "xx.sql")


def repaired(model: type[M], value: Any) -> M | None:
    """The model of `value` without its wrong parts; None when no value of the right shape is left.

    A part that the model does not need is left out, another one is replaced by some value of its type.
    """
    value = copy.deepcopy(value)
    for attempt in range(_ROUNDS):
        try:
            return model.model_validate(value, by_alias=True, by_name=False)
        except ValidationError as error:
            for fault in error.errors():
                if not _mend(model, value, fault, attempt):
                    return None
    return None


def _mend(model: type[BaseModel], value: Any, fault: Any, attempt: int) -> bool:
    path, parent, owner = _parent(model, value, tuple(fault["loc"]))
    if parent is None or not path:
        return False
    key, fields = path[-1], {f.alias or n: f for n, f in owner.model_fields.items()} if owner else {}
    field = fields.get(str(key))
    if isinstance(parent, dict) and (
        fault["type"] == "extra_forbidden" or (field and not field.is_required())
    ):
        parent.pop(key, None)
        return True
    old = parent.get(key) if isinstance(parent, dict) else parent[key]
    parent[key] = _filler(field.annotation if field else str, attempt, str(old))
    return True


def _parent(
    model: type[BaseModel], value: Any, loc: Sequence[Hashable]
) -> tuple[tuple[Hashable, ...], Any, type[BaseModel] | None]:
    """(the path of keys that exist in the value, what holds the last one, the model of that)."""
    path: tuple[Hashable, ...] = ()
    annotation: Any = model
    holder: Any = None
    owner: type[BaseModel] | None = None
    for i, key in enumerate(loc):
        # pydantic's path has steps of its own, such as the branch of a union.
        inside = (isinstance(value, dict) and key in value) or (
            isinstance(value, list) and isinstance(key, int) and key < len(value)
        )
        if not inside and not (isinstance(value, dict) and i == len(loc) - 1):
            continue
        holder, owner, path = value, _model(annotation), (*path, key)
        annotation = _step(annotation, key)
        value = value[key] if inside else None
    return path, holder, owner


def _step(annotation: Any, key: Hashable) -> Any:
    owner = _model(annotation)
    if owner is not None:
        fields = {f.alias or n: f for n, f in owner.model_fields.items()}
        return fields[str(key)].annotation if str(key) in fields else None
    inside = next((a for a in _alternatives(annotation) if get_origin(a) in (dict, list)), None)
    return get_args(inside)[-1] if inside is not None else None


def _model(annotation: Any) -> type[BaseModel] | None:
    models = (a for a in _alternatives(annotation) if isinstance(a, type) and issubclass(a, BaseModel))
    return next(models, None)


def _alternatives(annotation: Any) -> list[Any]:
    """`annotation` without what only marks it, or each branch of a union."""
    if get_origin(annotation) in (Union, types.UnionType):
        return [b for a in get_args(annotation) for b in _alternatives(a)]
    if hasattr(annotation, "__metadata__"):
        return _alternatives(get_args(annotation)[0])
    return [annotation]


def _filler(annotation: Any, attempt: int, old: str = "") -> Any:
    """Some value of a type: of several words the one nearest to `old`; each attempt tries another text."""
    kind = _alternatives(annotation)[0]
    if get_origin(kind) is Literal:
        words = [str(word) for word in get_args(kind)]
        return (difflib.get_close_matches(old, words, n=1, cutoff=0) or words)[0]
    if get_origin(kind) is list:
        return []
    if get_origin(kind) is dict or (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return {}
    if kind in (int, float, bool):
        return kind(attempt + 1)
    return _TEXTS[min(max(attempt, 0), len(_TEXTS) - 1)]
