"""Parameter values: a closed grammar of calls, evaluated from the run's logical date and never by `eval`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

TYPES = ("string", "int", "float", "bool", "date", "tables")

_CALL = re.compile(
    r"^\{\{\s*(?:(?P<name>today|yesterday|run_id)\(\)|secret\('(?P<secret>[a-z][a-z0-9_]*)'\)|(?P<job>job_name))"
    r"\s*(?:(?P<sign>[+-])\s*(?P<days>\d{1,4}))?\s*\}\}$"
)
_TABLE = re.compile(r"^(bronze|silver|gold)\.[a-z][a-z0-9_]*$")
WANTED_CALL = "{{ today() }}, {{ today() - 7 }}, {{ yesterday() }}, {{ run_id() }}, {{ job_name }} or {{ secret('name') }}"
_LITERALS: dict[str, tuple[re.Pattern[str], str]] = {
    "int": (re.compile(r"^[+-]?\d{1,18}$"), "a whole number"),
    "float": (re.compile(r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$"), "a number"),
    "bool": (re.compile(r"^(true|false)$"), "true or false"),
}


@dataclass(frozen=True)
class Param:
    """One row of proc_param.csv."""

    name: str
    value: str
    type: str
    secure: bool
    description: str = ""

    @property
    def secret_name(self) -> str | None:
        found = _CALL.match(self.value)
        return found["secret"] if found else None


class ParamError(ValueError):
    """A value that the grammar or its type does not allow; `wanted` says what would be."""

    def __init__(self, what: str, wanted: str) -> None:
        super().__init__(what)
        self.wanted = wanted


def check_param(param: Param) -> None:
    """Raises ParamError unless the value fits the grammar and its type, and secrets are marked secure."""
    evaluate(param, run_date=date(2000, 1, 1), run_id="", job_name="")
    if param.secret_name and not param.secure:
        raise ParamError(f"'{param.name}' reads a secret and is not marked secure", "secure = Yes")
    if param.secure and not param.secret_name:
        raise ParamError(f"'{param.name}' is secure and holds a value in the clear", "{{ secret('name') }}")


def evaluate(param: Param, *, run_date: date, run_id: str, job_name: str) -> Any:
    """The typed value on one logical date. A secret evaluates to None: it is read when the job runs."""
    if "{{" in param.value or "}}" in param.value:
        return _typed_call(param, run_date, run_id, job_name)
    return _literal(param)


def _typed_call(param: Param, run_date: date, run_id: str, job_name: str) -> Any:
    found = _CALL.match(param.value)
    if not found:
        raise ParamError(f"'{param.value}' is no call that is known", WANTED_CALL)
    dated = found["name"] in ("today", "yesterday")
    if found["days"] and not dated:
        raise ParamError(f"'{param.value}' adds days to what is no date", WANTED_CALL)
    if dated != (param.type == "date"):
        raise ParamError(f"'{param.value}' is not of type {param.type}", "param_type date" if dated else "param_type string")
    if not dated and param.type != "string":
        raise ParamError(f"'{param.value}' is not of type {param.type}", "param_type string")
    if found["secret"]:
        return None
    if not dated:
        return run_id if found["name"] else job_name
    days = int(found["days"] or 0) * (-1 if found["sign"] == "-" else 1)
    return run_date + timedelta(days=days - (found["name"] == "yesterday"))


def _literal(param: Param) -> Any:
    if param.type == "string":
        return param.value
    if param.type == "date":
        try:
            return date.fromisoformat(param.value)
        except ValueError as e:
            raise ParamError(f"'{param.value}' is no date", "YYYY-MM-DD") from e
    if param.type == "tables":
        names = tuple(n.strip() for n in param.value.split(","))
        bad = [n for n in names if not _TABLE.match(n)]
        if bad:
            raise ParamError(f"'{bad[0]}' is no table name", "<layer>.<table>, several parted by commas")
        return names
    shape, wanted = _LITERALS[param.type]
    if not shape.match(param.value):
        raise ParamError(f"'{param.value}' is not of type {param.type}", wanted)
    if param.type == "bool":
        return param.value == "true"
    return int(param.value) if param.type == "int" else float(param.value)
