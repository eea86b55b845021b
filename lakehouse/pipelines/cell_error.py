"""The error of a cell that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable


class CellError(ValueError):
    """`part` is what is wrong of a cell that holds several values."""

    def __init__(self, message: str, wanted: str, among: Iterable[str] = (), part: str | None = None) -> None:
        super().__init__(message)
        self.wanted, self.among, self.part = wanted, tuple(among), part
