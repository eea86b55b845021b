"""What a load did: rows per source, and each dirt rule with its count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """Where a dirt row is expected to end."""

    BRONZE = "quarantined at bronze"
    SILVER = "quarantined at silver"
    DEDUPLICATED = "deduplicated"


@dataclass(frozen=True)
class DirtCount:
    """`rows` rows of `source` (the bronze table's name) were added by the rule `kind`."""

    source: str
    kind: str
    outcome: Outcome
    rule: str
    rows: int


@dataclass(frozen=True)
class Summary:
    """`rows`: clean rows per source, under the bronze table's name; fx_rates counts currencies × days.

    `dirt`: what was added to them.
    """

    start: date
    end: date
    rows: Mapping[str, int]
    dirt: tuple[DirtCount, ...] = ()

    def dirt_rows(self, source: str, outcome: Outcome | None = None) -> int:
        """How many dirt rows a source got, or how many of them are to end so."""
        return sum(d.rows for d in self.dirt if d.source == source and outcome in (None, d.outcome))

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json`."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "rows": dict(self.rows),
            "dirt": [asdict(count) for count in self.dirt],
        }
