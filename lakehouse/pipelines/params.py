"""Parameter values: a closed grammar of calls, evaluated from the run's logical date and never by `eval`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lakehouse.reading.days import day_of

TYPES = ("string", "int", "float", "bool", "date", "tables")

_CALL = re.compile(
    r"^\{\{\s*(?:(?P<name>today|yesterday|run_id)\(\)"
    r"|secret\('(?P<secret>[a-z][a-z0-9_]*)'\)|(?P<job>job_name))"
    r"\s*(?:(?P<sign>[+-])\s*(?P<days>[0-9]{1,4}))?\s*\}\}$"
)
_TABLE = re.compile(r"^(bronze|silver|gold)\.[a-z][a-z0-9_]*$")
# What the graph is made of: a list of tables by any other name would be seen by nobody.
TABLE_PARAMS = ("reads", "writes", "maintains")
# Every table of the lake; of `maintains` alone.
ALL = "all"
WANTED_CALL = (
    "{{ today() }}, {{ today() - 7 }}, {{ yesterday() }}, {{ run_id() }}, {{ job_name }} or {{ "
    "secret('name') }}"
)
_LITERALS: dict[str, tuple[re.Pattern[str], str]] = {
    "int": (re.compile(r"^[+-]?[0-9]{1,18}$"), "a whole number"),
    "float": (re.compile(r"^[+-]?[0-9]{1,300}(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$"), "a number"),
    "bool": (re.compile(r"^(true|false)$"), "true or false"),
}

_SPACE = r"\s*"
_DAY_OR_CALL = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    rf"|\{{\{{{_SPACE}(today|yesterday)\(\){_SPACE}([+-]{_SPACE}[0-9]{{1,4}})?{_SPACE}\}}\}}"
)
# Of a text that a person gives: one line, and not longer than a job's argument may be.
_LINE = r"[^\x00-\x1f\x7f]{0,2000}"


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
        match = _CALL.fullmatch(self.value)
        return match["secret"] if match else None


class ParamError(ValueError):
    """A value that the grammar or its type does not allow; `wanted` says what would be."""

    def __init__(self, what: str, wanted: str, code: str = "LK304") -> None:
        super().__init__(what)
        self.wanted, self.code = wanted, code


def check_param(param: Param) -> None:
    """Raises ParamError unless the value fits the grammar and its type, and secrets are marked secure."""
    # First, and without the value: what is secure is never quoted, whatever else is wrong with it.
    if param.secure and not param.secret_name:
        raise ParamError(
            f"'{param.name}' is secure and holds a value in the clear", "{{ secret('name') }}", "LK307"
        )
    if param.secret_name and not param.secure:
        raise ParamError(f"'{param.name}' reads a secret and is not marked secure", "secure = Yes", "LK307")
    if (param.name in TABLE_PARAMS) != (param.type == "tables"):
        raise ParamError(
            f"'{param.name}' is of type {param.type}",
            f"{', '.join(TABLE_PARAMS)}, and no other, of type tables",
        )
    evaluate(param, run_date=date(2000, 1, 1), run_id="", job_name="")


def argument_pattern(param: Param) -> str | None:
    """The pattern of a whole value that a run may be given instead; None for a secret and for tables.

    It is for those who have no reader of facts: what it lets pass, the job still checks.
    """
    if param.secure or param.type == "tables":
        return None
    if param.type in _LITERALS:
        return _LITERALS[param.type][0].pattern.removeprefix("^").removesuffix("$")
    return _DAY_OR_CALL if param.type == "date" else _LINE


def evaluate(param: Param, *, run_date: date, run_id: str, job_name: str) -> Any:
    """The typed value on one logical date. A secret evaluates to None: it is read when the job runs."""
    if "{{" in param.value or "}}" in param.value:
        return _typed_call(param, run_date, run_id, job_name)
    return _literal(param)


def _typed_call(param: Param, run_date: date, run_id: str, job_name: str) -> Any:
    match = _CALL.fullmatch(param.value)
    if not match:
        raise ParamError(f"'{param.value}' is no call that is known", WANTED_CALL)
    dated = match["name"] in ("today", "yesterday")
    if match["days"] and not dated:
        raise ParamError(f"'{param.value}' adds days to what is no date", WANTED_CALL)
    if dated != (param.type == "date"):
        raise ParamError(
            f"'{param.value}' is not of type {param.type}",
            "param_type date" if dated else "param_type string",
        )
    if not dated and param.type != "string":
        raise ParamError(f"'{param.value}' is not of type {param.type}", "param_type string")
    if match["secret"]:
        return None
    if not dated:
        return run_id if match["name"] else job_name
    days = int(match["days"] or 0) * (-1 if match["sign"] == "-" else 1)
    try:
        return run_date + timedelta(days=days - (match["name"] == "yesterday"))
    except OverflowError as e:
        raise ParamError(
            f"'{param.value}' of {run_date} is beyond the calendar", "a day of the years 1 to 9999"
        ) from e


def _literal(param: Param) -> Any:
    if param.type == "string":
        return param.value
    if param.type == "date":
        return _date(param.value)
    if param.type == "tables":
        return (ALL,) if (param.name, param.value) == ("maintains", ALL) else _tables(param.value)
    shape, expected = _LITERALS[param.type]
    if not shape.fullmatch(param.value):
        raise ParamError(f"'{param.value}' is not of type {param.type}", expected)
    if param.type == "bool":
        return param.value == "true"
    if param.type == "float" and not math.isfinite(float(param.value)):
        raise ParamError(f"'{param.value}' is too large", "a number that a double holds")
    return int(param.value) if param.type == "int" else float(param.value)


def _date(value: str) -> date:
    if (day := day_of(value)) is None:
        raise ParamError(f"'{value}' is no date", "YYYY-MM-DD")
    return day


def _tables(value: str) -> tuple[str, ...]:
    names = tuple(n.strip() for n in value.split(","))
    for i, name in enumerate(names):
        if not _TABLE.fullmatch(name):
            raise ParamError(f"'{name}' is no table name", "<layer>.<table>, several parted by commas")
        if name in names[:i]:
            raise ParamError(f"'{name}' stands twice", "each table once")
    return names
