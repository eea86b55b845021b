"""What config.json states once for all its tasks, as parameters: nothing after the loader knows which file
they are from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lakehouse.pipelines import cells
from lakehouse.pipelines.cell_error import CellError
from lakehouse.pipelines.config_doc import Shared
from lakehouse.pipelines.params import Param, ParamError, check_param
from lakehouse.pipelines.source_binding import TOPIC

# note(code, what, wanted, *path of keys, value=…)
Note = Callable[..., None]
_TYPES: dict[type, str] = {bool: "bool", int: "int", float: "float"}


def params_of(doc: Shared, note: Note) -> tuple[Param, ...]:
    """As proc_param.csv would have them."""
    params = [*_kafka(doc), *_postgres(doc)]
    names = {p.name for p in params}
    for name, value in doc.parameters.items():
        if name in names:
            note(
                "LK305",
                f"parameter '{name}' is the platform's own",
                "another name",
                "parameters",
                name,
                value=name,
            )
            continue
        param = _param(name, value)
        try:
            cells.name(name)
            check_param(param)
            params.append(param)
        except ParamError as e:
            note(e.code, f"parameter {name}: {e}", e.wanted, "parameters", name, value=param.value)
        except CellError as e:
            note("LK303", f"parameter {e}", e.wanted, "parameters", name, value=name)
    return tuple(params)


def _kafka(doc: Shared) -> list[Param]:
    if doc.kafka_source is None:
        return []
    kafka = doc.kafka_source
    limits = (
        [Param("max_offsets_per_trigger", str(kafka.max_offsets_per_trigger), "int", False)]
        if kafka.max_offsets_per_trigger
        else []
    )
    offsets = Param("starting_offsets", kafka.starting_offsets, "string", False)
    return [
        Param(TOPIC, kafka.topic, "string", False),
        offsets,
        secret_param("connection", kafka.secret),
        *limits,
    ]


def _postgres(doc: Shared) -> list[Param]:
    return [secret_param("postgres", doc.postgres_connection.secret)] if doc.postgres_connection else []


def secret_param(name: str, secret: str) -> Param:
    """The parameter `name` that holds a secret."""
    return Param(name, f"{{{{ secret('{secret}') }}}}", "string", True)


def _param(name: str, value: Any) -> Param:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    # A call such as {{ today() }} is of the type that it gives.
    dated = text.startswith("{{") and ("today" in text or "yesterday" in text)
    return Param(name, text, "date" if dated else _TYPES.get(type(value), "string"), False)
