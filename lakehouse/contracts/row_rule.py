"""A rule that each row keeps, across its columns."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from lakehouse.contracts.file_forms import Doc

_TEXT = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class RowRule(Doc):
    """A condition over the columns of one row. As SQL's CHECK it is broken only where it is false: a row for
    which it is null keeps it.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")] = Field(
        description="Stands in the quarantine beside each row that breaks the rule."
    )
    sql: Annotated[str, Field(min_length=1, max_length=2000)] = Field(
        description=(
            "A condition of Spark SQL over columns of the row, with functions that need nothing but their "
            "arguments: ends_at >= starts_at. Where it is null, the row keeps the rule."
        )
    )
    reason: Annotated[str, Field(min_length=1, max_length=300)] = Field(
        description="Why a row that breaks it cannot be part of the table, for whoever mends it."
    )

    def names_any(self, columns: set[str]) -> bool:
        """Whether the condition may name one of the columns: its words outside of texts tell."""
        return not columns.isdisjoint(_WORD.findall(_TEXT.sub(" ", self.sql)))
