"""Generates histories: what happens to a few customers, sales and rates, cut into batches in any order.

A history has keys of its own, so that a thousand of them lie in one table without touching one another.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2017, 1, 1, tzinfo=UTC)
DAYS = 3
CITIES = ("Bern", "Rome", None)
TIERS = ("gold", None)

Row = dict[str, Any]


@dataclass(frozen=True)
class Histories:
    """`batches`: of each batch, the rows of each table, in the order in which they arrive."""

    batches: list[dict[str, list[Row]]]

    def rows(self, table: str) -> list[Row]:
        """All rows of a table, in the order of their arrival."""
        return [row for batch in self.batches for row in batch.get(table, [])]

    def in_one_load(self) -> Histories:
        tables = {table for batch in self.batches for table in batch}
        return Histories([{table: self.rows(table) for table in tables}])


@dataclass
class _History:
    """One history: `number` makes its keys, `chance` its events."""

    number: int
    chance: random.Random
    rows: list[tuple[str, Row]] = field(default_factory=list)

    def customers(self) -> None:
        """States, deletions and re-inserts; equal instants, A-B-A and rows without a key among them."""
        for customer_id in self.customer_ids:
            for _ in range(self.chance.randint(1, 5)):
                self._add(
                    "customers",
                    customer_id=customer_id,
                    city=self.chance.choice(CITIES),
                    tier=self.chance.choice(TIERS),
                    is_deleted=self.chance.random() < 0.2,
                    updated_at=self._instant(8),
                )
        if self.chance.random() < 0.1:
            nobody = {"city": "Bern", "tier": None, "is_deleted": False, "updated_at": self._instant(8)}
            self._add("customers", customer_id=None, **nobody)

    def sales(self) -> None:
        """Sales and their corrections, some of customers of whom nothing arrives."""
        for sale in range(self.chance.randint(1, 3)):
            day = self.chance.randrange(DAYS)
            sold_at = START + timedelta(days=day, hours=self.chance.randrange(24))
            for _ in range(self.chance.randint(1, 3)):
                self._add(
                    "sales",
                    sale_id=self.number * 10 + sale,
                    customer_id=self.chance.choice([*self.customer_ids, self.number * 10 + 9]),
                    currency=self.chance.choice(self.currencies),
                    amount=self.chance.randint(1, 10_000) / 100,
                    sold_at=sold_at.isoformat(),
                    sold_on=sold_at.date().isoformat(),
                    is_deleted=self.chance.random() < 0.2,
                    updated_at=self._instant(8),
                )

    def rates(self) -> None:
        """Rates of some days, corrected now and then."""
        for currency in self.currencies:
            for day in range(DAYS):
                for _ in range(self.chance.randint(0, 2)):
                    self._add(
                        "rates",
                        currency=currency,
                        rate_date=(START + timedelta(days=day)).date().isoformat(),
                        rate=self.chance.randint(1, 400) / 100,
                        updated_at=self._instant(8),
                    )

    @property
    def customer_ids(self) -> list[int]:
        return [self.number * 10 + 1, self.number * 10 + 2]

    @property
    def currencies(self) -> list[str]:
        return [f"C{self.number}A", f"C{self.number}B"]

    def _instant(self, hours: int) -> str:
        """Few instants, so that equal ones are common."""
        return (START + timedelta(hours=self.chance.randrange(hours) * 6)).isoformat()

    def _add(self, table: str, **row: Any) -> None:
        self.rows.append((table, row))
        if self.chance.random() < 0.15:
            self.rows.append((table, dict(row)))  # the source sends it a second time


def generate(count: int, batches: int, seed: int) -> Histories:
    """`count` histories, each cut into `batches` batches at random and in any order."""
    arriving: list[dict[str, list[Row]]] = [defaultdict(list) for _ in range(batches)]
    for number in range(1, count + 1):
        history = _History(number, random.Random(seed * 1_000_003 + number))
        history.customers()
        history.sales()
        history.rates()
        for table, row in history.rows:
            # The last batch brings no sale: whatever is late in it must find the sales by itself.
            last = batches - 1 if table == "sales" else batches
            arriving[history.chance.randrange(last)][table].append(row)
    order = random.Random(seed)
    for batch in arriving:
        for rows in batch.values():
            order.shuffle(rows)
    return Histories([dict(batch) for batch in arriving])


def as_files(rows: list[Row], count: int) -> Iterator[bytes]:
    """The rows as JSON lines, in `count` files."""
    for number in range(count):
        lines = [json.dumps(row) for row in rows[number::count]]
        if lines:
            yield "\n".join(lines).encode()
