"""Texts that no column of a warehouse can hold: longer ones than its type, and for some NUL.

They are counted while the rows are staged and named before anything is loaded: no text is cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from glue_jobs.warehouses.sql_table import SqlTable
from glue_jobs.warehouses.warehouse import WarehouseError

_SIZED = re.compile(r"VARCHAR\((\d+)\)$")
NUL = "\0"


@dataclass(frozen=True)
class TextLimits:
    """Of a warehouse: the bytes (UTF-8) of its longest text, and whether a text may hold NUL."""

    max_bytes: int
    holds_nul: bool

    def of(self, table: SqlTable) -> dict[str, int]:
        """Text column → bytes that it holds."""
        sized = {name: _SIZED.match(kind) for name, kind in table.types.items()}
        texts = [name for name, kind in table.contract.stored if kind == "string"]
        return {name: int(m[1]) if (m := sized[name]) else self.max_bytes for name in texts}

    def aggregates(self, table: SqlTable) -> list[Column]:
        """Spark's aggregates over the rows that are to be published, which `check` reads."""
        columns: list[Column] = []
        for i, (name, limit) in enumerate(self.of(table).items()):
            length = F.octet_length(F.col(f"`{name}`"))
            columns.append(F.count_if(length > limit).alias(f"_long{i}"))
            columns.append(F.max(length).alias(f"_longest{i}"))
            if not self.holds_nul:
                columns.append(F.count_if(F.contains(F.col(f"`{name}`"), F.lit(NUL))).alias(f"_nul{i}"))
        return columns

    def check(self, table: SqlTable, title: str, values: Mapping[str, Any]) -> None:
        """Raises WarehouseError (RUN152) that names every column with such texts, and their number."""
        faults = []
        for i, (name, limit) in enumerate(self.of(table).items()):
            if values[f"_long{i}"]:
                faults.append(
                    f"{name} has {values[f'_long{i}']} texts of more than {limit} bytes, "
                    f"the longest of {values[f'_longest{i}']}"
                )
            if values.get(f"_nul{i}"):
                faults.append(f"{name} has {values[f'_nul{i}']} texts with the character NUL")
        if faults:
            raise WarehouseError(
                f"{table.contract.table}: {title} cannot hold these texts: {'; '.join(faults)}; "
                "nothing was published, and nothing cut",
                code="RUN152",
            )
