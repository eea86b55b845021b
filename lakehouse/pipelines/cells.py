"""The cells of the three CSV files, each as users write it, each refused with the shape it wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lakehouse.pipelines.cell_error import CellError
from lakehouse.pipelines.job_type import BUILT_IN
from lakehouse.pipelines.model import Retry
from lakehouse.pipelines.params import TYPES
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import CsvRow

JOB = (
    "job_id",
    "job_name",
    "schedule",
    "dependencies",
    "job_type",
    "owner",
    "environment",
    "description",
    "retry_policy",
    "failure_notification",
)
PROC = (
    "proc_id",
    "job_id",
    "proc_name",
    "notebook_path",
    "order",
    "retry_count",
    "timeout_minutes",
    "description",
    "scheduler_type",
    "dag_id",
    "dependencies",
)
PARAM = ("proc_id", "param_name", "param_value", "param_type", "description", "secure")
# May be empty; and the one column that a file may do without.
OPTIONAL = frozenset({"description", "dependencies", "param_value"})
DISPENSABLE = "description"

# More is a wish for a source that never fails, or a wait that no run needs.
MAX_RETRIES = 10
MAX_BACKOFF = 24 * 3600

_RETRY = re.compile(r"^([0-9]{1,2}) retr(?:y|ies)(?:, backoff ([0-9]{1,3})(s|m|h))?$")
_TIMEOUT = re.compile(r"^([0-9]{1,5})(?: \(continuous\))?$")
_NAME = re.compile(r"^[a-z][a-z0-9_]{0,62}$")
_PATH = re.compile(r"^[\w.@=+-]+(/[\w.@=+-]+)*\.(py|sql|json)$", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass
class Cells:
    """One row's cells, read by type; a bad cell is noted and its default stands in so that the reading goes
    on.
    """

    row: CsvRow
    faults: Collector

    def get(self, column: str, read: Callable[[str], Any] = str, default: Any = "") -> Any:
        raw = self.row.cells.get(column)
        if raw is None or (raw == "" and column not in OPTIONAL):
            if raw is not None:  # an absent column is noted once, for the header
                self.note("LK302", column, "is empty", f"a value for {column}", raw)
            return default
        try:
            return read(raw)
        except CellError as e:
            self.note("LK303", column, str(e), e.wanted, raw if e.part is None else e.part, e.among)
            return default

    def note(
        self, code: str, column: str, what: str, wanted: str, value: str = "", among: Iterable[str] = ()
    ) -> None:
        index = list(self.row.cells).index(column) + 1 if column in self.row.cells else 0
        self.faults.add(
            code,
            f"{column} {what}",
            file=self.row.file,
            at=(self.row.line, index),
            wanted=wanted,
            value=value,
            among=among,
        )


def name(raw: str) -> str:
    if not _NAME.fullmatch(raw):
        raise CellError(
            f"'{raw:.60}' is no name", "lower-case letters, digits and _, starting with a letter, at most 63"
        )
    return raw


def path(raw: str) -> str:
    """A file of the project, whether or not it exists, or a job type that the platform holds the code of."""
    if raw in BUILT_IN:
        return raw
    if len(raw) > 300 or not _PATH.fullmatch(raw.lstrip("/")):
        raise CellError(
            f"'{raw:.60}' is no path",
            "a .py, .sql or .json file, parted by /, of letters, digits and . _ - = + @, "
            f"or one of {', '.join(BUILT_IN)}",
            BUILT_IN,
        )
    return raw


def items(raw: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in raw.split(",") if part.strip())


def retry(raw: str) -> Retry:
    match = _RETRY.fullmatch(raw)
    if not match:
        raise CellError(f"'{raw:.60}' is no retry policy", "'3 retries, backoff 5m'")
    if int(match[1]) > MAX_RETRIES:
        raise CellError(f"'{raw:.60}' has too many retries", f"at most {MAX_RETRIES}")
    if int(match[2] or 0) * _SECONDS[match[3] or "s"] > MAX_BACKOFF:
        raise CellError(f"'{raw:.60}' waits too long", f"a backoff of at most {MAX_BACKOFF // 3600}h")
    return Retry(int(match[1]), int(match[2] or 0) * _SECONDS[match[3] or "s"])


def whole(raw: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", raw):
        raise CellError(f"'{raw:.60}' is no whole number", "0, 1, 2, …")
    return int(raw)


def retry_count(raw: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", raw) or int(raw) > MAX_RETRIES:
        raise CellError(f"'{raw:.60}' is no number of retries", f"0 to {MAX_RETRIES}")
    return int(raw)


def timeout(raw: str) -> int:
    match = _TIMEOUT.fullmatch(raw)
    if not match or (int(match[1]) and "(" in raw):
        raise CellError(f"'{raw:.60}' is no timeout", "minutes, or '0 (continuous)'")
    return int(match[1])


def yes(raw: str) -> bool:
    if raw.lower() not in ("yes", "no"):
        raise CellError(f"'{raw:.60}' is neither", "Yes or No", ("Yes", "No"))
    return raw.lower() == "yes"


def one_of(*allowed: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if raw not in allowed:
            raise CellError(f"'{raw:.60}' is not known", "one of " + ", ".join(allowed), allowed, raw)
        return raw

    return read


def some_of(*allowed: str) -> Callable[[str], tuple[str, ...]]:
    def read(raw: str) -> tuple[str, ...]:
        if not items(raw):
            raise CellError(f"'{raw:.60}' names none", "some of " + ", ".join(allowed))
        return tuple(map(one_of(*allowed), items(raw)))

    return read


def notification(raw: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+|#[a-z0-9_-]+", raw):
        raise CellError(f"'{raw:.60}' is no address", "an e-mail address or a #slack-channel")
    return raw


param_type = one_of(*TYPES)
