"""The person that is to be forgotten: a column and its value, which no file, log or certificate names."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import typer

from lakehouse.contracts.spelling import folded, lower_forms

_STATED = re.compile(r"([a-z_][a-z0-9_]*)=(\S.*)")


@dataclass(frozen=True)
class Subject:
    """A person, as `customer_id=4711` names one. The repr shows no value."""

    column: str
    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Raises BadParameter for a text of another form."""
        match = _STATED.fullmatch(text.strip())
        if match is None:
            raise typer.BadParameter("a subject is <column>=<value>, such as customer_id=4711")
        return cls(match[1], match[2].strip())

    def digest(self, key: bytes) -> str:
        """A keyed hash that says whether two certificates are of one person, and not of whom."""
        return hmac.new(key, f"{self.column}={self.value}".encode(), hashlib.sha256).hexdigest()

    def masked(self, column: str, key: bytes) -> Subject:
        """The person as a column names them that holds keyed hashes (glue_jobs/contract/mask.py)."""
        text = self.value.strip().lower().encode()
        return Subject(column, hmac.new(key, text, hashlib.sha256).hexdigest())

    def is_of(self, value: Any) -> bool:
        """Whether a value of the column, as a file or a source writes it, names the person."""
        if value is None or isinstance(value, bool):
            return False
        text = str(value).strip()
        return text == self.value or (isinstance(value, float) and text == f"{self.value}.0")

    def is_in_row(self, row: Mapping[str, Any], names: tuple[str, ...]) -> bool:
        """Whether one of the row's columns of these names, in any spelling, is of the person."""
        columns = {folded(name) for name in names}
        return any(self.is_of(value) for name, value in row.items() if folded(str(name)) in columns)

    def is_in_text(self, text: str, names: tuple[str, ...]) -> bool:
        """Whether a line that nobody can parse gives one of the names this value."""
        value = rf"""["']?{re.escape(self.value)}(?![\w.])"""
        either = "|".join(re.escape(form) for name in names for form in lower_forms(name))
        return bool(names) and re.search(rf"""(?i:{either})["']?\s*[:=]\s*{value}""", text) is not None

    def is_mentioned(self, text: str) -> bool:
        """Whether the value stands anywhere in a text, as a word of its own."""
        return re.search(rf"(?<![\w.]){re.escape(self.value)}(?!\w|\.\d)", text) is not None
