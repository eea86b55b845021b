"""A fault in a fact file, and the one error that carries all of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in one file.

    `line` and `column` count from 1; 0 means the file as a whole, or the whole line. In CSV `column` is the
    number of the cell. `code` has a page in docs/errors.
    """

    file: str
    line: int
    column: int
    code: str
    what: str
    wanted: str = ""
    value: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        location = f"{self.file}:{self.line}" if self.line else self.file
        if self.line and self.column:
            location += f":{self.column}"
        text = f"{location}: {self.code} {self.what}"
        if self.wanted:
            text += f"; wanted {self.wanted}"
        if self.nearest:
            text += f"; did you mean '{self.nearest}'?"
        # A fact may come from anywhere: what it says must not steer a terminal.
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)

    def as_dict(self) -> dict[str, str | int]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


class FaultsError(Exception):
    """Everything that is wrong with what was read, in file and line order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(map(str, self.faults)))


@dataclass
class Collector:
    """Gathers faults while a tree is read, so that one run shows them all."""

    root: Path

    def __post_init__(self) -> None:
        self.faults: list[Fault] = []
        # (file, line, column) of what could not be read: nothing more is said of it.
        self.unreadable: set[tuple[str, int, int]] = set()

    def add(
        self,
        code: str,
        what: str,
        *,
        file: Path | str,
        at: tuple[int, int] = (0, 0),
        wanted: str = "",
        value: object = "",
        among: Iterable[str] = (),
    ) -> None:
        """`among` are the valid names; the one nearest to `value` is offered."""
        if (self.relative(file), *at) in self.unreadable:
            return
        shown = shorten(value)
        near = nearest(str(value), among)
        self.faults.append(
            Fault(self.relative(file), *at, code, shorten(what, 400), shorten(wanted, 800), shown, near)
        )

    def relative(self, file: Path | str) -> str:
        path = Path(file)
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()

    def raise_if_any(self) -> None:
        if self.faults:
            raise FaultsError(self.faults)


def nearest(value: str, among: Iterable[str]) -> str:
    """The valid name most like `value`, or nothing when none is near."""
    matches = difflib.get_close_matches(value[:200], list(among), n=1, cutoff=0.6)
    return matches[0] if matches else ""


def shorten(value: object, max_length: int = 80) -> str:
    text = value if isinstance(value, str) else repr(value) if value != "" else ""
    return text if len(text) <= max_length else text[: max_length - 1] + "…"
